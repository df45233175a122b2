import { type BrowserFeatures, judgeSupport } from '../browser/support.ts';
import { type MeetingLink, parseLink } from '../link.ts';
import type { FaultCode } from './fault-codes.ts';

export type Opening =
  | { readonly kind: 'ready'; readonly link: MeetingLink }
  | { readonly kind: 'stopped'; readonly fault: FaultCode };

const stopped = (fault: FaultCode): Opening => ({ kind: 'stopped', fault });

/** Whether a meeting can be joined from `address` in such a browser. */
export const judgeOpening = (address: string, features: BrowserFeatures): Opening => {
  if (!hasFragment(address)) return stopped('link.missing');
  const link = parseLink(address);
  if (!link.ok) return stopped('link.broken');
  const supported = judgeSupport(features);
  if (supported.ok) return { kind: 'ready', link: link.value };
  return stopped(supported.refusal.code === 'browser.insecure' ? 'context.insecure' : 'browser.too-old');
};

const hasFragment = (address: string): boolean => (URL.parse(address)?.hash ?? '').length > 1;
