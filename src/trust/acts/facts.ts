import type { PersonId } from '../devices/ids.ts';
import { type Change, change, letIn, needsNobodysWord, openDoor, takeOut, waitOutside } from './change.ts';
import type { Fact } from './input.ts';
import { type MeetingState, withoutItem } from './state.ts';

type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
type Handlers = {
  readonly [Kind in Fact['kind']]: (state: MeetingState, fact: FactOf<Kind>, nowUnixMs: number) => Change;
};

const arrived = (state: MeetingState, { person }: FactOf<'arrived'>): Change => {
  if (state.present.has(person)) return change(state);
  if (state.banned.has(person)) return change(state, { kind: 'turn-away', person });
  if (!needsNobodysWord(state, person)) return waitOutside(state, person);
  const came = letIn(state, person);
  // The first leader opens the door for those who wait before it.
  const opened = state.isOpen ? change(came.state) : openDoor(came.state);
  return change(opened.state, ...came.effects, ...opened.effects);
};

const withoutWaiting = (state: MeetingState, person: PersonId): MeetingState => ({
  ...state,
  waiting: withoutItem(state.waiting, person),
});

const HANDLERS: Handlers = {
  arrived,
  left: (state, { person, lostMs = 0 }, nowUnixMs) => {
    const { state: next } = takeOut(withoutWaiting(state, person), person, nowUnixMs - lostMs);
    return change(next);
  },
  'not-entitled': (state, { person }, nowUnixMs) => {
    const isWaiting = state.waiting.has(person);
    const out = takeOut(withoutWaiting(state, person), person, nowUnixMs);
    return isWaiting ? change(out.state, { kind: 'turn-away', person }) : out;
  },
};

/** What becomes of a meeting that hears a fact. Nobody can be harmed by one more than by a relay that cuts connections. */
export const takeFact = (state: MeetingState, fact: Fact, nowUnixMs: number): Change =>
  // The table's type pairs each kind with its own fact; a lookup by a union cannot show that to the compiler.
  (HANDLERS[fact.kind] as (state: MeetingState, fact: Fact, nowUnixMs: number) => Change)(
    state,
    fact,
    nowUnixMs,
  );
