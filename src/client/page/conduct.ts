import type { Source } from '../../base/media.ts';
import type { Order, Whom } from '../../trust/acts/act.ts';
import { CHAIR_LOST_AFTER_MS, isAbove, whyNotOrder } from '../../trust/acts/rules.ts';
import {
  type MeetingState as Conducted,
  grantsOf,
  isDeputy,
  rankNow,
  standingOf,
} from '../../trust/acts/state.ts';
import type { DeviceId, PersonId } from '../../trust/devices/ids.ts';
import { covers, type Label, type Rank, rankOf } from '../../trust/markings/label.ts';
import type { StatementDigest } from '../../trust/statement/statement.ts';
import type { MeetingState } from '../store/state.ts';
import type { DeviceKind } from './devices.ts';

export type { Order, PersonId, Whom };

/** Somebody in the meeting, and what there is to order about this person. */
export interface ConductedPerson {
  readonly person: PersonId;
  readonly name: string;
  readonly isSelf: boolean;
  readonly isChair: boolean;
  readonly isDeputy: boolean;
  readonly isObserver: boolean;
  /** From 1 on, in the order in which they were raised. */
  readonly hand: number | undefined;
  readonly maySend: ReadonlySet<Source>;
  /** In a room beside one device, by name of the person; the chair confirms them. */
  /** As its device named them. */
  readonly beside: readonly { readonly person: PersonId; readonly name: string }[];
  readonly isBesideConfirmed: boolean;
}

/** By what its certificate says: nothing that somebody calls itself passes the door before it does. */
export interface WaitingPerson {
  readonly person: PersonId;
  /** Absent where its certificate was not shown to this device. */
  readonly device: DeviceId | undefined;
}

/** Waits for a second person; `mayAgree`: this one can be it. */
export interface PendingOrder {
  readonly act: StatementDigest;
  readonly order: Order;
  readonly by: string;
  readonly mayAgree: boolean;
}

/** How a meeting is conducted, as this person sees it and may change it. */
export interface ConductFacts {
  readonly self: PersonId;
  readonly isChair: boolean;
  /** Chair or deputy. */
  readonly isLeader: boolean;
  readonly chair: string;
  readonly mayTakeChair: boolean;
  /** The chair is away, and nobody else has taken its place yet. */
  readonly isChairAway: boolean;
  readonly isLocked: boolean;
  readonly isObserver: boolean;
  readonly maySend: ReadonlySet<Source>;
  readonly hand: number | undefined;
  readonly people: readonly ConductedPerson[];
  readonly waiting: readonly WaitingPerson[];
  readonly pending: readonly PendingOrder[];
  /** Markings of the same groups above and below the one in force; above it those alone that this person is cleared for. */
  readonly higher: readonly Marking[];
  readonly lower: readonly Marking[];
}

export interface Marking {
  readonly label: Label;
  readonly text: string;
}

/** `undefined` before this client is in. */
export const conductFacts = (meeting: MeetingState, nowUnixMs: number): ConductFacts | undefined => {
  const { conducted, self } = meeting;
  if (conducted === undefined || self === undefined) return undefined;
  const { person } = self;
  const { higher, lower } = otherMarkings(conducted, meeting.cleared);
  return {
    self: person,
    isChair: conducted.chair === person,
    isLeader: conducted.chair === person || isDeputy(conducted, person),
    chair: nameOf(meeting, conducted.chair),
    mayTakeChair: whyNotOrder(conducted, { kind: 'take-chair' }, person, nowUnixMs) === undefined,
    isChairAway: conducted.chairAwaySinceUnixMs !== undefined,
    isLocked: conducted.isLocked,
    isObserver: standingOf(conducted, person).role === 'observer',
    maySend: grantsOf(conducted, person),
    hand: handOf(conducted, person),
    people: [...conducted.present].map((one) => personOf(meeting, conducted, one)),
    waiting: [...conducted.waiting].map((one) => ({ person: one, device: meeting.atDoor.get(one) })),
    pending: pendingOf(meeting, conducted, person, nowUnixMs),
    higher,
    lower,
  };
};

/** What a person expects to send and may not now. That a screen waits for the chair its button says. */
export const deniedOf = ({ maySend }: ConductFacts): readonly DeviceKind[] =>
  (['microphone', 'camera'] as const).filter((kind) => !maySend.has(kind));

/** When what somebody may do changes by time alone; `undefined`: by no time. */
export const conductChangesAtUnixMs = ({ conducted }: MeetingState): number | undefined => {
  const since = conducted?.chairAwaySinceUnixMs;
  return since === undefined ? undefined : since + CHAIR_LOST_AFTER_MS;
};

/** What somebody calls itself, for whoever has proven who it is; else the authority's name for the person. */
const nameOf = ({ participants, self }: MeetingState, person: PersonId): string => {
  if (self?.person === person) return self.name;
  const verified = [...participants.values()].find((other) => other.person === person);
  return verified?.name || person;
};

const handOf = ({ hands }: Conducted, person: PersonId): number | undefined => {
  const at = [...hands].indexOf(person);
  return at < 0 ? undefined : at + 1;
};

const personOf = (meeting: MeetingState, conducted: Conducted, person: PersonId): ConductedPerson => ({
  person,
  name: nameOf(meeting, person),
  isSelf: meeting.self?.person === person,
  isChair: conducted.chair === person,
  isDeputy: isDeputy(conducted, person),
  isObserver: standingOf(conducted, person).role === 'observer',
  hand: handOf(conducted, person),
  maySend: grantsOf(conducted, person),
  beside: (conducted.declared.get(person) ?? []).map((one) => ({
    person: one,
    name: nameOf(meeting, one),
  })),
  isBesideConfirmed: conducted.confirmed.has(person),
});

const pendingOf = (
  meeting: MeetingState,
  conducted: Conducted,
  self: PersonId,
  nowUnixMs: number,
): PendingOrder[] =>
  [...conducted.pending]
    .filter(([, { untilUnixMs }]) => nowUnixMs < untilUnixMs)
    .map(([act, { order, by }]) => ({
      act,
      order,
      by: nameOf(meeting, by),
      mayAgree: by !== self && whyNotOrder(conducted, { kind: 'second', act }, self, nowUnixMs) === undefined,
    }));

const otherMarkings = (
  conducted: Conducted,
  cleared: Rank | undefined,
): { higher: Marking[]; lower: Marking[] } => {
  const { scale } = conducted.law;
  const { groups } = conducted.marking;
  const now = rankNow(conducted);
  const all = scale.levels.map(({ id, marking }) => ({
    label: { scale: scale.scale, level: id, groups },
    text: marking,
  }));
  const mayRaiseTo = (marking: Label) => !isAbove(conducted, { kind: 'raise-marking', marking }, cleared);
  const where = (isUp: boolean) =>
    all.filter(({ label }) => {
      const rank = rankOf(label, scale);
      if (!rank.ok || rank.value.level === now.level) return false;
      return isUp ? covers(rank.value, now) && mayRaiseTo(label) : covers(now, rank.value);
    });
  return { higher: where(true), lower: where(false) };
};
