import type { PersonId } from '../devices/ids.ts';
import type { Effect } from './input.ts';
import { isLeader, isNamed, type MeetingState, withItem, withoutItem } from './state.ts';

/** What the meeting becomes, and what has to be done. */
export interface Change {
  readonly state: MeetingState;
  readonly effects: readonly Effect[];
}

export const change = (state: MeetingState, ...effects: readonly Effect[]): Change => ({ state, effects });

/** One after the other, each on what the one before left. */
export const inTurn = <T>(
  state: MeetingState,
  items: Iterable<T>,
  one: (state: MeetingState, item: T) => Change,
): Change => {
  let now = change(state);
  for (const item of items) {
    const next = one(now.state, item);
    now = change(next.state, ...now.effects, ...next.effects);
  }
  return now;
};

/** Whoever is in loses the place and the hand; what was granted stays for the next time. */
export const takeOut = (state: MeetingState, person: PersonId, nowUnixMs: number): Change => {
  if (!state.present.has(person)) return change(state);
  const isChair = person === state.chair;
  return change(
    {
      ...state,
      present: withoutItem(state.present, person),
      hands: withoutItem(state.hands, person),
      declared: withoutKey(state.declared, person),
      confirmed: withoutKey(state.confirmed, person),
      chairAwaySinceUnixMs: isChair ? nowUnixMs : state.chairAwaySinceUnixMs,
    },
    { kind: 'out', person },
  );
};

const withoutKey = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> =>
  new Map([...map].filter(([other]) => other !== key));

export const letIn = (state: MeetingState, person: PersonId): Change => {
  const isChair = person === state.chair;
  return change(
    {
      ...state,
      isOpen: state.isOpen || isLeader(state, person),
      waiting: withoutItem(state.waiting, person),
      admitted: withItem(state.admitted, person),
      sentBack: withoutItem(state.sentBack, person),
      present: withItem(state.present, person),
      chairAwaySinceUnixMs: isChair ? undefined : state.chairAwaySinceUnixMs,
    },
    { kind: 'let-in', person },
  );
};

/** Leaders always; others once it is open and unlocked, by name or because they were let in before, unless sent back. */
export const needsNobodysWord = (state: MeetingState, person: PersonId): boolean => {
  if (state.sentBack.has(person)) return false;
  if (isLeader(state, person)) return true;
  return state.isOpen && !state.isLocked && (state.admitted.has(person) || isNamed(state, person));
};

export const waitOutside = (state: MeetingState, person: PersonId): Change =>
  change({ ...state, waiting: withItem(state.waiting, person) }, { kind: 'wait', person });

/** When the door opens, those come in who need nobody's word. */
export const openDoor = (state: MeetingState): Change =>
  inTurn(state, [...state.waiting], (now, person) =>
    needsNobodysWord(now, person) ? letIn(now, person) : change(now),
  );
