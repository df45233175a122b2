import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { SeenList } from '../../trust/revocation/list.ts';
import type { StoreCode } from './kept.ts';

/** What became of a write. */
export type Written = Result<undefined, Refusal<StoreCode>>;

export const WRITTEN: Written = ok(undefined);

export const UNWRITABLE: Written = refuse(
  'store.unwritable',
  'the store cannot be written',
  'make room and rights where the state folder is',
);
export const MEETING_EXISTS: Written = refuse('meeting.exists', 'there is or was a meeting with this id');
export const MEETING_UNKNOWN: Written = refuse('meeting.unknown', 'there is no open meeting with this id');
export const USED: Written = refuse('once.used', 'it was used before');
export const OVER: Written = refuse('once.over', 'it is from before what was forgotten');

export const full = (what: string, max: number): Written =>
  refuse('store.full', `there are ${max} ${what}, as many as may be kept`);

/** The newest list only rises: an older one would let in again who is out. */
export const judgeRise = (last: SeenList | undefined, next: SeenList): Written => {
  if (last === undefined || next.number > last.number) return WRITTEN;
  if (next.number < last.number) return refuse('revocation.older', 'a newer list was seen before');
  return next.digest === last.digest
    ? WRITTEN
    : refuse('revocation.two-of-one-number', 'another list of this number was seen before');
};
