import type { PersonId } from '../devices/ids.ts';
import { covers, type Rank, rankOf } from '../markings/label.ts';
import type { Order, OrderKind, OrderOf, Whom } from './act.ts';
import {
  isCharterLeader,
  isDeputy,
  isNamed,
  lineOf,
  type MeetingState,
  needsTwo,
  rankNow,
  standingOf,
} from './state.ts';

/** The chair is lost when it has not been there for so long. */
export const CHAIR_LOST_AFTER_MS = 30_000;
/** How far an act's own time may be from its entry's: clocks differ, and one that was refused is not brought again later. */
export const ACT_FRESH_MS = 120_000;
/** In which a second person agrees. */
export const SECOND_WITHIN_MS = 300_000;

export type RuleCode =
  | 'act.not-chair'
  | 'act.not-leader'
  | 'act.not-there'
  | 'act.not-waiting'
  | 'act.of-chair'
  | 'act.observer'
  | 'act.not-own'
  | 'act.chair-there'
  | 'act.earlier-deputy'
  | 'act.not-named'
  | 'act.no-change'
  | 'act.marking-unknown'
  | 'act.marking-not-higher'
  | 'act.marking-not-lower'
  | 'act.above-own-clearance'
  | 'act.nothing-declared'
  | 'act.declared-others';

/** Why `by` may not order this now; `undefined`: it may. */
type Rule<Kind extends OrderKind> = (
  state: MeetingState,
  order: OrderOf<Kind>,
  by: PersonId,
  nowUnixMs: number,
  cleared: Rank | undefined,
) => RuleCode | undefined;

const chair = (state: MeetingState, by: PersonId): RuleCode | undefined =>
  by === state.chair ? undefined : 'act.not-chair';
const leader = (state: MeetingState, by: PersonId): RuleCode | undefined =>
  by === state.chair || isDeputy(state, by) ? undefined : 'act.not-leader';
const there = ({ present }: MeetingState, person: PersonId): RuleCode | undefined =>
  present.has(person) ? undefined : 'act.not-there';
/** Nobody else orders anything about the chair. */
const notChair = (state: MeetingState, person: PersonId): RuleCode | undefined =>
  person === state.chair ? 'act.of-chair' : undefined;

const personsOf = (whom: Whom): readonly PersonId[] => (whom.kind === 'all' ? [] : whom.persons);
const all = (whom: Whom, rule: (person: PersonId) => RuleCode | undefined): RuleCode | undefined =>
  personsOf(whom)
    .map(rule)
    .find((code) => code !== undefined);

const waiting = ({ waiting: those }: MeetingState, person: PersonId): RuleCode | undefined =>
  those.has(person) ? undefined : 'act.not-waiting';

const aboutOne = (state: MeetingState, by: PersonId, person: PersonId): RuleCode | undefined =>
  chair(state, by) ?? there(state, person) ?? notChair(state, person);

const aboutAll = (state: MeetingState, by: PersonId, whom: Whom): RuleCode | undefined =>
  chair(state, by) ?? all(whom, (person) => there(state, person) ?? notChair(state, person));

const higher = (state: MeetingState, order: OrderOf<'raise-marking' | 'lower-marking'>, isUp: boolean) => {
  const [now, next] = [rankNow(state), rankOf(order.marking, state.law.scale)];
  if (!next.ok) return 'act.marking-unknown';
  const [upper, lower] = isUp ? [next.value, now] : [now, next.value];
  if (covers(upper, lower) && !covers(lower, upper)) return undefined;
  return isUp ? 'act.marking-not-higher' : 'act.marking-not-lower';
};

/**
 * Nobody raises a marking above its own clearance: a meeting would lose its chair by the chair's own order. What somebody is cleared
 * for the chain does not say, so the relay asks when it takes the order, and the chair's own client before it signs.
 */
export const isAbove = (
  { law }: MeetingState,
  { marking }: OrderOf<'raise-marking'>,
  cleared: Rank | undefined,
): boolean => {
  const next = rankOf(marking, law.scale);
  return cleared !== undefined && next.ok && !covers(cleared, next.value);
};

const RULES: { readonly [Kind in OrderKind]: Rule<Kind> } = {
  admit: (state, { whom }, by) => chair(state, by) ?? all(whom, (person) => waiting(state, person)),
  'turn-away': (state, { whom }, by) => chair(state, by) ?? all(whom, (person) => waiting(state, person)),
  'to-lobby': (state, { person }, by) => aboutOne(state, by, person),
  mute: (state, { whom }, by) => aboutAll(state, by, whom),
  stop: (state, { person }, by) => aboutOne(state, by, person),
  'set-role': (state, { person, role }, by) =>
    aboutOne(state, by, person) ?? (standingOf(state, person).role === role ? 'act.no-change' : undefined),
  grant: (state, { whom }, by) =>
    aboutAll(state, by, whom) ??
    all(whom, (person) => (standingOf(state, person).role === 'observer' ? 'act.observer' : undefined)),
  withdraw: (state, { whom }, by) => aboutAll(state, by, whom),
  'raise-hand': (state, _, by) => (state.hands.has(by) ? 'act.no-change' : undefined),
  'lower-hand': (state, { person }, by) => {
    if (person !== by && by !== state.chair) return 'act.not-own';
    return state.hands.has(person) ? undefined : 'act.no-change';
  },
  remove: (state, { person }, by) =>
    chair(state, by) ??
    notChair(state, person) ??
    (state.waiting.has(person) ? undefined : there(state, person)),
  lock: (state, _, by) => chair(state, by) ?? (state.isLocked ? 'act.no-change' : undefined),
  unlock: (state, _, by) => chair(state, by) ?? (state.isLocked ? undefined : 'act.no-change'),
  // Whoever follows must be somebody whom the convener named, where the convener named people.
  'hand-over-chair': (state, { to }, by) =>
    chair(state, by) ??
    there(state, to) ??
    notChair(state, to) ??
    (state.charter.admission.kind === 'cleared' || isNamed(state, to) ? undefined : 'act.not-named'),
  'take-chair': (state, _, by, nowUnixMs) => takeChair(state, by, nowUnixMs),
  'declare-beside': () => undefined,
  'confirm-beside': (state, order, by) => chair(state, by) ?? asDeclared(state, order),
  'raise-marking': (state, order, by, _, cleared) =>
    chair(state, by) ??
    higher(state, order, true) ??
    (isAbove(state, order, cleared) ? 'act.above-own-clearance' : undefined),
  'lower-marking': (state, order, by) => leader(state, by) ?? higher(state, order, false),
  invite: (state, { persons }, by) =>
    leader(state, by) ?? (persons.every((person) => isNamed(state, person)) ? 'act.no-change' : undefined),
  // Anew as well: an allowance serves for some time, and longer meetings need another.
  'allow-export': (state, _, by) => leader(state, by),
  end: (state, _, by) => chair(state, by),
  // Of what is seconded its own rule is asked again. Who agrees must not be somebody whom the chair made: a chair could order,
  // hand over to a friend, and have that one agree.
  second: (state, _, by) => (isCharterLeader(state, by) ? undefined : 'act.not-leader'),
};

const asDeclared = (
  { declared }: MeetingState,
  { room, persons }: OrderOf<'confirm-beside'>,
): RuleCode | undefined => {
  const named = declared.get(room);
  if (named === undefined) return 'act.nothing-declared';
  const isSame = named.length === persons.length && named.every((person, i) => person === persons[i]);
  return isSame ? undefined : 'act.declared-others';
};

const takeChair = (state: MeetingState, by: PersonId, nowUnixMs: number): RuleCode | undefined => {
  const { chairAwaySinceUnixMs: since, present } = state;
  const [, ...line] = lineOf(state);
  if (!line.includes(by)) return 'act.not-leader';
  if (since === undefined || nowUnixMs - since < CHAIR_LOST_AFTER_MS) return 'act.chair-there';
  return line.find((person) => present.has(person)) === by ? undefined : 'act.earlier-deputy';
};

/** Orders that nobody gives alone above a marking. */
const TWO_PERSON_ORDERS: ReadonlySet<OrderKind> = new Set(['lower-marking', 'invite', 'allow-export']);

/** An export shows all that was said: it needs two also after the marking was lowered. */
export const needsTwoFor = (state: MeetingState, kind: OrderKind): boolean =>
  TWO_PERSON_ORDERS.has(kind) && (needsTwo(state) || (kind === 'allow-export' && state.hasNeededTwo));

/** Default deny: whoever is not there orders nothing. */
export const whyNotOrder = (
  state: MeetingState,
  order: Order,
  by: PersonId,
  nowUnixMs: number,
  cleared?: Rank,
): RuleCode | undefined =>
  there(state, by) ??
  // The table's type pairs each kind with its own order; a lookup by a union cannot show that to the compiler.
  (RULES[order.kind] as Rule<OrderKind>)(state, order as never, by, nowUnixMs, cleared);
