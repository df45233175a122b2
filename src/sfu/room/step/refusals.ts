import type { Refusal, Result } from '../../../base/result.ts';
import type { EngineReply } from '../../engine/port.ts';

const refusal = (code: string, message: string, remedy?: string): Refusal =>
  remedy === undefined ? { code, message } : { code, message, remedy };

/** `media.unknown`: also for things of others, so that nobody can find out whether an id exists. */
export const unknown = (what: string): Refusal =>
  refusal('media.unknown', `there is no such ${what} of this participant`);

export const unavailable = (why: string): Refusal =>
  refusal('media.unavailable', why, 'try again in a few seconds');

export const limit = (what: string): Refusal => refusal('media.limit', what);

/** What was asked about ended before the answer: replaced, closed, or lost with its transport. */
export const gone = (what: string): Refusal =>
  refusal('media.gone', `the ${what} was closed or replaced before it was ready`);

export const order = (why: string): Refusal => refusal('media.order', why);

export const codec = (why: string): Refusal =>
  refusal('media.codec', why, 'send Opus, VP8 or VP9, one codec per stream');

export const invalid = (why: string): Refusal => refusal('media.invalid', why);

type ReplyOf<K extends EngineReply['kind']> = Extract<EngineReply, { readonly kind: K }>;

/** The reply where it is of `kind`; a reply of another kind is an engine that cannot be relied on. */
export const replyOf = <K extends EngineReply['kind']>(
  result: Result<EngineReply>,
  kind: K,
): Result<ReplyOf<K>> => {
  if (!result.ok) return result;
  if (result.value.kind === kind) return { ok: true, value: result.value as ReplyOf<K> };
  return { ok: false, refusal: unavailable('the media engine gave the answer to another question') };
};
