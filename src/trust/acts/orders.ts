import type { Source } from '../../base/media.ts';
import type { PersonId } from '../devices/ids.ts';
import type { Order, OrderKind, OrderOf, Whom } from './act.ts';
import { type Change, change, inTurn, letIn, openDoor, takeOut, waitOutside } from './change.ts';
import {
  grantsOf,
  type MeetingState,
  needsTwo,
  type Standing,
  standingOf,
  withItem,
  withoutItem,
} from './state.ts';

/** What an order does that `by` may give. `second` is the step's own: it carries out another's. */
type Carried = Exclude<OrderKind, 'second'>;
type Handlers = {
  readonly [Kind in Carried]: (
    state: MeetingState,
    order: OrderOf<Kind>,
    by: PersonId,
    nowUnixMs: number,
  ) => Change;
};

const meant = (whom: Whom, everybody: Iterable<PersonId>, by: PersonId): PersonId[] =>
  (whom.kind === 'all' ? [...everybody] : [...whom.persons]).filter((person) => person !== by);
/** An order about all is not about the chair, who gives it. */
const meantThere = (state: MeetingState, whom: Whom, by: PersonId): PersonId[] =>
  meant(whom, state.present, by).filter((person) => person !== state.chair);

const withStanding = (state: MeetingState, person: PersonId, standing: Partial<Standing>): MeetingState => ({
  ...state,
  standings: new Map(state.standings).set(person, { ...standingOf(state, person), ...standing }),
});

const grant = (state: MeetingState, person: PersonId, sources: readonly Source[]): Change =>
  change(withStanding(state, person, { grants: withItem(standingOf(state, person).grants, ...sources) }));

/** What is withdrawn is stopped at once. */
const withdraw = (state: MeetingState, person: PersonId, sources: readonly Source[]): Change =>
  change(withStanding(state, person, { grants: withoutItem(standingOf(state, person).grants, ...sources) }), {
    kind: 'stop',
    person,
    sources,
  });

const ALL_SOURCES: readonly Source[] = ['microphone', 'camera', 'screen', 'screen-audio'];

const turnAway = (state: MeetingState, person: PersonId): Change =>
  change({ ...state, waiting: withoutItem(state.waiting, person) }, { kind: 'turn-away', person });

const HANDLERS: Handlers = {
  admit: (state, { whom }, by) => inTurn(state, meant(whom, state.waiting, by), letIn),
  'turn-away': (state, { whom }, by) => inTurn(state, meant(whom, state.waiting, by), turnAway),
  'to-lobby': (state, { person }, _, nowUnixMs) => {
    const out = takeOut(state, person, nowUnixMs);
    const back = { ...out.state, sentBack: withItem(out.state.sentBack, person) };
    const waits = waitOutside(back, person);
    return change(waits.state, ...out.effects, ...waits.effects);
  },
  mute: (state, { whom }, by) =>
    change(state, ...meantThere(state, whom, by).map((person) => ({ kind: 'mute', person }) as const)),
  stop: (state, { person, sources }) => change(state, { kind: 'stop', person, sources }),
  'set-role': (state, { person, role }) => {
    const next = withStanding(state, person, { role });
    return role === 'observer' ? change(next, { kind: 'stop', person, sources: ALL_SOURCES }) : change(next);
  },
  grant: (state, { whom, sources }, by) =>
    inTurn(
      state,
      meantThere(state, whom, by).filter((person) => standingOf(state, person).role === 'member'),
      (now, person) => grant(now, person, sources),
    ),
  withdraw: (state, { whom, sources }, by) =>
    inTurn(state, meantThere(state, whom, by), (now, person) => withdraw(now, person, sources)),
  'raise-hand': (state, _, by) => change({ ...state, hands: withItem(state.hands, by) }),
  'lower-hand': (state, { person }) => change({ ...state, hands: withoutItem(state.hands, person) }),
  remove: (state, { person, isForGood }, _, nowUnixMs) => {
    const marked = {
      ...state,
      banned: isForGood ? withItem(state.banned, person) : state.banned,
      sentBack: withItem(state.sentBack, person),
    };
    return state.waiting.has(person) ? turnAway(marked, person) : takeOut(marked, person, nowUnixMs);
  },
  lock: (state) => change({ ...state, isLocked: true }),
  unlock: (state) => openDoor({ ...state, isLocked: false }),
  'hand-over-chair': (state, { to }, by) => {
    const next = { ...state, chair: to };
    // What the chair alone may send ends with the chair.
    const sources = [...grantsOf(state, by)].filter((source) => !grantsOf(next, by).has(source));
    return sources.length === 0 ? change(next) : change(next, { kind: 'stop', person: by, sources });
  },
  'take-chair': (state, _, by) => change({ ...state, chair: by, chairAwaySinceUnixMs: undefined }),
  'declare-beside': (state, { persons }, by) => {
    // What was confirmed was confirmed of other people.
    const confirmed = new Map(state.confirmed);
    confirmed.delete(by);
    return change({ ...state, declared: new Map(state.declared).set(by, persons), confirmed });
  },
  'confirm-beside': (state, { room, persons }) =>
    change({ ...state, confirmed: new Map(state.confirmed).set(room, persons) }),
  // Whoever allowed an export did not mean what is said from now on.
  'raise-marking': (state, { marking }) =>
    change({ ...state, marking, mayBeExported: false }, { kind: 'rejudge' }),
  'lower-marking': (state, { marking }) =>
    change({ ...state, marking, hasNeededTwo: state.hasNeededTwo || needsTwo(state) }),
  invite: (state, { persons }) => openDoor({ ...state, invited: withItem(state.invited, ...persons) }),
  'allow-export': (state) => change({ ...state, mayBeExported: true }),
  end: (state) => change({ ...state, isEnded: true }, { kind: 'end' }),
};

export const carryOut = (
  state: MeetingState,
  order: Exclude<Order, { kind: 'second' }>,
  by: PersonId,
  nowUnixMs: number,
): Change =>
  // The table's type pairs each kind with its own order; a lookup by a union cannot show that to the compiler.
  (HANDLERS[order.kind] as (state: MeetingState, order: Order, by: PersonId, nowUnixMs: number) => Change)(
    state,
    order,
    by,
    nowUnixMs,
  );
