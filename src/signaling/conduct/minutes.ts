import type { ParticipantId, SessionId } from '../../base/ids.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Order, OrderOf } from '../../trust/acts/act.ts';
import type { Effect } from '../../trust/acts/input.ts';
import { needsTwoFor } from '../../trust/acts/rules.ts';
import { type MeetingState, needsTwo } from '../../trust/acts/state.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { AuditSink } from '../ports.ts';
import type { Seat } from './seats.ts';

type SeatOf = (person: PersonId) => Seat | undefined;

/** Whom an order names, if anybody: a room first, then those beside it. */
const namedBy = (order: Order): readonly PersonId[] => {
  if ('room' in order) return [order.room, ...order.persons];
  if ('whom' in order) return order.whom.kind === 'persons' ? order.whom.persons : [];
  if ('persons' in order) return order.persons;
  if ('person' in order) return [order.person];
  return 'to' in order ? [order.to] : [];
};

const touchedBy = (effects: readonly Effect[]): readonly PersonId[] =>
  effects.flatMap((effect) => ('person' in effect ? [effect.person] : []));

/** Whoever is here has a session and a participant of its own in the record; who is not has the person's pseudonym alone. */
const pseudonymsOf = (
  persons: readonly PersonId[],
  seatOf: SeatOf,
): (ParticipantId | SessionId | PersonId)[] =>
  [...new Set(persons)].map((person) => {
    const seat = seatOf(person);
    if (seat === undefined) return person;
    return seat.stage === 'in' ? seat.participant : seat.session.id;
  });

/** Once for each entry, before the decision about it. */
export const identityOf = ({ meeting, session, participant, person, device }: Seat): AuditEntry => ({
  kind: 'identified',
  meeting,
  session: session.id,
  participant,
  person,
  device,
});

export interface OrderGiven {
  readonly order: Order;
  readonly by: SessionId;
  readonly state: MeetingState;
  readonly effects: readonly Effect[];
  /** The code of the rule that refused it; absent: it was taken. */
  readonly refusedBy?: string;
}

export const minuteOf = (
  { order, by, state, effects, refusedBy }: OrderGiven,
  seatOf: SeatOf,
): AuditEntry => ({
  kind: 'act',
  meeting: state.charter.meeting,
  order: order.kind,
  allowed: refusedBy === undefined,
  rule: refusedBy ?? 'acts',
  by,
  on: pseudonymsOf([...namedBy(order), ...touchedBy(effects)], seatOf),
  ...markingOf(isRaise(order, refusedBy) ? { ...state, marking: order.marking } : state),
});

const isRaise = (order: Order, refusedBy: string | undefined): order is OrderOf<'raise-marking'> =>
  order.kind === 'raise-marking' && refusedBy === undefined;

/** By which readers of the record know who may export it. */
export const markingOf = (state: MeetingState) => ({ marking: state.marking, twoPersons: needsTwo(state) });

/** An order after which the meeting may be exported, if it is one. `state`: before it. */
export const allowanceOf = (
  order: Order,
  by: SessionId,
  state: MeetingState,
  seatOf: SeatOf,
): readonly AuditEntry[] => {
  const waits = order.kind === 'second' ? state.pending.get(order.act) : undefined;
  const first = waits?.order.kind === 'allow-export' ? seatOf(waits.by)?.session.id : undefined;
  const twoPersons = needsTwoFor(state, 'allow-export');
  const isAlone = order.kind === 'allow-export' && !twoPersons;
  if (first === undefined && !isAlone) return [];
  const { charter, marking } = state;
  const people = first === undefined ? [by] : [first, by];
  return [{ kind: 'export-allowed', meeting: charter.meeting, by: people, marking, twoPersons }];
};

/** Of what could not be opened: what it says is nobody's word. */
export const minuteOfUnreadable = (by: SessionId, state: MeetingState, rule: string): AuditEntry => ({
  kind: 'act',
  meeting: state.charter.meeting,
  order: 'unreadable',
  allowed: false,
  rule,
  by,
  on: [],
  ...markingOf(state),
});

/** Who comes in, and who is to wait, by which rule. */
export const decisionsOf = (
  effects: readonly Effect[],
  state: MeetingState,
  rule: string,
  seatOf: SeatOf,
): readonly AuditEntry[] =>
  effects.flatMap((effect): AuditEntry[] => {
    if (effect.kind !== 'let-in' && effect.kind !== 'wait') return [];
    const seat = seatOf(effect.person);
    if (seat === undefined || seat.stage === 'in' || seat.stage === 'sent-back') return [];
    const asked = {
      kind: 'decision',
      meeting: state.charter.meeting,
      asked: 'entry',
      by: seat.session.id,
    } as const;
    return effect.kind === 'let-in'
      ? [{ ...asked, allowed: true, rule, on: seat.participant, ...markingOf(state) }]
      : [{ ...asked, allowed: false, rule: 'lobby', ...markingOf(state) }];
  });

/** All of them, or as far as the record had room: what is refused must not be acted upon. */
export const writeAll = (audit: AuditSink, entries: readonly AuditEntry[]): Result<undefined> => {
  for (const entry of entries) {
    const written = audit.write(entry);
    if (!written.ok) return written;
  }
  return ok(undefined);
};
