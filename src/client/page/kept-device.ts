import { DAY_MS, isValidAt } from '../../trust/hosts/validity.ts';
import { CLEARANCE } from '../../trust/markings/clearance.ts';
import { judgeDeviceCertificate, openPeopleRoot } from '../../trust/signing/people-certificate.ts';
import { openOfficeStatement } from '../../trust/signing/vouched.ts';
import type { KeptDevice } from '../people/device-store.ts';

/** Of 30: a device that is used once a week renews long before its certificate ends. */
const RENEW_WITHIN_MS = 10 * DAY_MS;

export type KeptKind =
  /** Nothing that could be used or renewed. */
  | 'none'
  /** The certificate has ended: only a new code helps. */
  | 'over'
  /** Without a clearance that holds: the authority may have one by now. */
  | 'not-cleared'
  /** Good, and to be renewed behind the person's back. */
  | 'ending'
  | 'good';

/** What can be done with what this browser keeps. */
export const judgeKept = async (kept: KeptDevice | undefined, nowUnixMs: number): Promise<KeptKind> => {
  const root = kept && (await openPeopleRoot(kept.root));
  if (kept === undefined || root?.ok !== true) return 'none';
  const judge = { root: root.value, nowUnixMs };
  const own = await judgeDeviceCertificate(kept.certificate, judge.root, nowUnixMs);
  if (!own.ok) return 'over';
  const clearance =
    kept.clearance && (await openOfficeStatement(CLEARANCE, 'clearance', kept.clearance, judge));
  if (clearance?.ok !== true || !isValidAt(clearance.value.value, nowUnixMs)) return 'not-cleared';
  const endsUnixMs = Math.min(own.value.validity.untilUnixMs, clearance.value.value.untilUnixMs);
  return endsUnixMs - nowUnixMs <= RENEW_WITHIN_MS ? 'ending' : 'good';
};
