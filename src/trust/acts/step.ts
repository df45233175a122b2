import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { DeviceNames, PersonId } from '../devices/ids.ts';
import type { StatementDigest } from '../statement/statement.ts';
import type { Act, Order } from './act.ts';
import { type Change, change } from './change.ts';
import { takeFact } from './facts.ts';
import { judgeSeen } from './head.ts';
import type { Input, SignedAct } from './input.ts';
import { carryOut } from './orders.ts';
import { ACT_FRESH_MS, needsTwoFor, type RuleCode, SECOND_WITHIN_MS, whyNotOrder } from './rules.ts';
import { begun, type MeetingState, type Pending } from './state.ts';

export type ActCode =
  | RuleCode
  | 'act.other-meeting'
  | 'act.other-charter'
  | 'act.other-device'
  | 'act.other-chain'
  | 'act.stale'
  | 'act.repeated'
  | 'act.ended'
  | 'act.nothing-to-second'
  | 'act.same-person'
  | 'act.too-many-pending';

/** Orders that wait for a second person: more than a meeting has leaders. */
const MAX_PENDING = 32;

/**
 * What a meeting becomes by one entry of its record, and what relay and clients have to do. The relay decides by it, and each
 * client checks by it what the relay did. `nowUnixMs` is the entry's own time, the same for everybody.
 */
export const step = (
  state: MeetingState,
  input: Input,
  nowUnixMs: number,
): Result<Change, Refusal<ActCode>> => {
  if (state.isEnded) return refuse('act.ended', 'the meeting is over');
  return input.kind === 'fact'
    ? ok(takeFact(begun(state, nowUnixMs), input.fact, nowUnixMs))
    : takeAct(state, input.act, nowUnixMs);
};

const takeAct = (
  state: MeetingState,
  { opened, by, cleared }: SignedAct,
  nowUnixMs: number,
): Result<Change, Refusal<ActCode>> => {
  const act = opened.value;
  const refusal =
    whyNotTaken(state, act, by) ??
    whyNotFresh(state, act, nowUnixMs) ??
    whyNotOrder(state, act.order, by.person, nowUnixMs, cleared);
  if (refusal !== undefined) return refuse(refusal, MEANINGS[refusal]);
  const counted = {
    ...state,
    lastNumbers: new Map(state.lastNumbers).set(by.device, act.number),
    pending: stillPending(state, nowUnixMs),
  };
  return order(counted, act.order, { by: by.person, digest: opened.digest, nowUnixMs });
};

/** What does not lie with the order: whose act it is, of which meeting, and that it comes once. */
const whyNotTaken = (
  state: MeetingState,
  { meeting, charter, device, number }: Act,
  by: DeviceNames,
): ActCode | undefined => {
  if (meeting !== state.charter.meeting) return 'act.other-meeting';
  if (charter !== state.charterDigest) return 'act.other-charter';
  if (device !== by.device) return 'act.other-device';
  return number > (state.lastNumbers.get(device) ?? 0) ? undefined : 'act.repeated';
};

/** Of this moment, and of this chain. */
const whyNotFresh = (
  state: MeetingState,
  { atUnixMs, seen }: Act,
  nowUnixMs: number,
): ActCode | undefined => {
  if (Math.abs(nowUnixMs - atUnixMs) > ACT_FRESH_MS) return 'act.stale';
  const judged = judgeSeen(state.heads, seen);
  if (judged === 'same-chain') return undefined;
  return judged === 'too-old' ? 'act.stale' : 'act.other-chain';
};

interface Given {
  readonly by: PersonId;
  readonly digest: StatementDigest;
  readonly nowUnixMs: number;
}

const order = (state: MeetingState, given: Order, at: Given): Result<Change, Refusal<ActCode>> => {
  if (given.kind === 'second') return second(state, given.act, at);
  if (needsTwoFor(state, given.kind)) return propose(state, given, at);
  return ok(carryOut(state, given, at.by, at.nowUnixMs));
};

const propose = (
  state: MeetingState,
  given: Order,
  { by, digest, nowUnixMs }: Given,
): Result<Change, Refusal<ActCode>> => {
  if (state.pending.size >= MAX_PENDING)
    return refuse('act.too-many-pending', MEANINGS['act.too-many-pending']);
  const waits: Pending = { order: given, by, untilUnixMs: nowUnixMs + SECOND_WITHIN_MS };
  return ok(change({ ...state, pending: new Map(state.pending).set(digest, waits) }));
};

/** Whatever was ordered is asked about again: it must still be right, and its giver still there. */
const second = (
  state: MeetingState,
  act: StatementDigest,
  { by, nowUnixMs }: Given,
): Result<Change, Refusal<ActCode>> => {
  const waits = state.pending.get(act);
  if (waits === undefined || waits.order.kind === 'second')
    return refuse('act.nothing-to-second', MEANINGS['act.nothing-to-second']);
  if (waits.by === by) return refuse('act.same-person', MEANINGS['act.same-person']);
  const why = whyNotOrder(state, waits.order, waits.by, nowUnixMs);
  if (why !== undefined) return refuse(why, MEANINGS[why]);
  const pending = new Map(state.pending);
  pending.delete(act);
  return ok(carryOut({ ...state, pending }, waits.order, waits.by, nowUnixMs));
};

const stillPending = ({ pending }: MeetingState, nowUnixMs: number): MeetingState['pending'] =>
  new Map([...pending].filter(([, { untilUnixMs }]) => nowUnixMs < untilUnixMs));

const MEANINGS: Readonly<Record<ActCode, string>> = {
  'act.not-chair': 'the chair alone orders this',
  'act.not-leader': 'chair or deputies alone order this',
  'act.not-there': 'somebody whom it needs is not in the meeting',
  'act.not-waiting': 'nobody of that name waits',
  'act.of-chair': 'nobody orders this about the chair',
  'act.observer': 'an observer sends nothing: make it a member first',
  'act.not-own': 'it is somebody else’s',
  'act.chair-there': 'the chair is there, or has not been away for long enough',
  'act.earlier-deputy': 'somebody who comes first in the charter is there',
  'act.not-named': 'the convener did not name this person',
  'act.no-change': 'it is so already',
  'act.marking-unknown': 'the scale has no such marking',
  'act.marking-not-higher': 'the marking is not above the one in force',
  'act.marking-not-lower': 'the marking is not below the one in force',
  'act.above-own-clearance':
    'the marking is above the clearance of whoever orders it: hand the chair over to somebody who is cleared for it',
  'act.nothing-declared': 'that device has named nobody beside it',
  'act.declared-others': 'that device has named others beside it meanwhile: look again, and confirm those',
  'act.other-meeting': 'it is of another meeting',
  'act.other-charter': 'it is of a meeting with another charter',
  'act.other-device': 'another device signed it than the one that it names',
  'act.other-chain': 'whoever signed it saw another chain of entries',
  'act.stale': 'it was signed too long ago, or by a clock that is wrong',
  'act.repeated': 'this device has given a later one already',
  'act.ended': 'the meeting is over',
  'act.nothing-to-second': 'nothing of that name waits for a second person',
  'act.same-person': 'the second person must be another',
  'act.too-many-pending': 'as many orders wait for a second person as may',
};

export const ACT_CODES = Object.keys(MEANINGS) as readonly ActCode[];
