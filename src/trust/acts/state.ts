import type { Source } from '../../base/media.ts';
import { type Charter, isAdmitted } from '../charter/charter.ts';
import type { DeviceId, DeviceNames, PersonId } from '../devices/ids.ts';
import { type Label, type Rank, rankOf } from '../markings/label.ts';
import type { StatementDigest } from '../statement/statement.ts';
import type { Order } from './act.ts';
import { type Head, type Heads, withHead } from './head.ts';
import type { Law } from './law.ts';

export type Role = 'member' | 'observer';

/** What somebody may do in a meeting; it stays with the person who leaves and comes again. */
export interface Standing {
  readonly role: Role;
  readonly grants: ReadonlySet<Source>;
}

/** Ordered by one person, and in force when another one agrees in time. */
export interface Pending {
  readonly order: Order;
  readonly by: PersonId;
  readonly untilUnixMs: number;
}

/** What everybody in a meeting must agree on. It follows from the charter and the entries since, and from nothing else. */
export interface MeetingState {
  readonly law: Law;
  readonly charter: Charter;
  readonly charterDigest: StatementDigest;
  readonly marking: Label;
  readonly chair: PersonId;
  /** Since when the chair is not there; `undefined` while it is, and before the first entry. */
  readonly chairAwaySinceUnixMs: number | undefined;
  readonly invited: ReadonlySet<PersonId>;
  /** Let in by name, by the chair, or as a leader: comes again without asking, unless sent back. */
  readonly admitted: ReadonlySet<PersonId>;
  readonly banned: ReadonlySet<PersonId>;
  /** Put out before the door again: waits for the chair's word, by name or not. */
  readonly sentBack: ReadonlySet<PersonId>;
  /** In the order in which they came. */
  readonly waiting: ReadonlySet<PersonId>;
  readonly present: ReadonlySet<PersonId>;
  readonly standings: ReadonlyMap<PersonId, Standing>;
  /** In the order in which they were raised. */
  readonly hands: ReadonlySet<PersonId>;
  /** By the person of the room's device. */
  readonly declared: ReadonlyMap<PersonId, readonly PersonId[]>;
  readonly confirmed: ReadonlyMap<PersonId, readonly PersonId[]>;
  readonly pending: ReadonlyMap<StatementDigest, Pending>;
  readonly lastNumbers: ReadonlyMap<DeviceId, number>;
  readonly heads: Heads;
  readonly hasBegun: boolean;
  readonly isOpen: boolean;
  readonly isLocked: boolean;
  readonly mayBeExported: boolean;
  /** Before it was lowered its marking asked for two people: what was said then is in the record. */
  readonly hasNeededTwo: boolean;
  readonly isEnded: boolean;
}

const CHAIR_GRANTS: ReadonlySet<Source> = new Set(['microphone', 'camera', 'screen', 'screen-audio']);
const NONE: ReadonlySet<Source> = new Set();

export const openMeeting = (charter: Charter, charterDigest: StatementDigest, law: Law): MeetingState => ({
  law,
  charter,
  charterDigest,
  marking: charter.marking,
  chair: charter.chair,
  chairAwaySinceUnixMs: undefined,
  invited: new Set(),
  admitted: new Set(),
  banned: new Set(),
  sentBack: new Set(),
  waiting: new Set(),
  present: new Set(),
  standings: new Map(),
  hands: new Set(),
  declared: new Map(),
  confirmed: new Map(),
  pending: new Map(),
  lastNumbers: new Map(),
  heads: [{ n: 0, digest: charterDigest }],
  hasBegun: false,
  isOpen: charter.opensByItself,
  isLocked: false,
  mayBeExported: false,
  hasNeededTwo: false,
  isEnded: false,
});

/** The time of the first entry is the one that everybody counts from. */
export const begun = (state: MeetingState, nowUnixMs: number): MeetingState =>
  state.hasBegun ? state : { ...state, hasBegun: true, chairAwaySinceUnixMs: nowUnixMs };

/** After an entry was taken: it can be named as seen from now on. */
export const afterEntry = (state: MeetingState, head: Head): MeetingState => ({
  ...state,
  heads: withHead(state.heads, head),
});

/** Nobody has more than the convener signed before the chair grants it. */
export const standingOf = ({ standings, charter }: MeetingState, person: PersonId): Standing =>
  standings.get(person) ?? { role: 'member', grants: new Set(charter.grants) };

/** What somebody may send now. Who is not there may send nothing. */
export const grantsOf = (state: MeetingState, person: PersonId): ReadonlySet<Source> => {
  if (!state.present.has(person)) return NONE;
  if (person === state.chair) return CHAIR_GRANTS;
  const { role, grants } = standingOf(state, person);
  return role === 'observer' ? NONE : grants;
};

export const isDeputy = ({ charter }: MeetingState, person: PersonId): boolean =>
  charter.deputies.includes(person);
/** By the convener's signature: nobody in the meeting makes anybody that. */
export const isCharterLeader = ({ charter }: MeetingState, person: PersonId): boolean =>
  person === charter.chair || charter.deputies.includes(person);
export const isLeader = (state: MeetingState, person: PersonId): boolean =>
  person === state.chair || isCharterLeader(state, person);

/** Who leads, and who takes the chair when it is lost, in that order; whether they are there or not. */
export const lineOf = ({ chair, charter }: MeetingState): readonly PersonId[] => [
  ...new Set([chair, charter.chair, ...charter.deputies]),
];

/** Whose word says what the meeting is called. */
export const mayEntitle = (state: MeetingState, { person, device }: DeviceNames): boolean =>
  isLeader(state, person) || device === state.charter.convener;

/** On the charter's roster, or called in since; by clearance alone nobody is named. */
export const isNamed = (state: MeetingState, person: PersonId): boolean =>
  state.invited.has(person) ||
  (state.charter.admission.kind === 'roster' && isAdmitted(state.charter, person));

/** The marking as a rank; the charter's was found good, and no order puts another there that is not. */
export const rankNow = ({ marking, law }: MeetingState): Rank => {
  const rank = rankOf(marking, law.scale);
  if (!rank.ok) throw new Error('a meeting whose marking is of no known scale');
  return rank.value;
};

export const needsTwo = (state: MeetingState): boolean => rankNow(state).level > state.law.twoPersonsAbove;

export const withItem = <T>(set: ReadonlySet<T>, ...items: readonly T[]): ReadonlySet<T> =>
  new Set([...set, ...items]);
export const withoutItem = <T>(set: ReadonlySet<T>, ...items: readonly T[]): ReadonlySet<T> => {
  const out = new Set(items);
  return new Set([...set].filter((item) => !out.has(item)));
};
