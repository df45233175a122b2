import type { StatementDigest } from '../statement/statement.ts';
import type { Change } from './change.ts';
import type { Entry } from './entry.ts';
import type { Head } from './head.ts';
import type { Effect } from './input.ts';
import { afterEntry, type MeetingState } from './state.ts';

/** Where somebody stands in what happened: the state that all entries up to `head` make of the charter. */
export interface Place {
  readonly state: MeetingState;
  readonly head: Head;
  readonly lastUnixMs: number;
}

/** Before the first entry; the same for everybody, whenever one comes. */
export const startOf = (state: MeetingState): Place => ({
  state,
  head: { n: 0, digest: state.charterDigest },
  lastUnixMs: 0,
});

export interface Followed {
  readonly place: Place;
  readonly effects: readonly Effect[];
}

/** What the relay writes, and sends to everybody as it is. */
export const writeEntry = ({ head }: Place, atUnixMs: number, what: Entry['what']): string =>
  JSON.stringify({ n: head.n + 1, previous: head.digest, atUnixMs, what });

/** After the entry of that digest and time, which made that change. */
export const moveOn = (
  { head }: Place,
  { state, effects }: Change,
  digest: StatementDigest,
  atUnixMs: number,
): Followed => {
  const next = { n: head.n + 1, digest };
  return { place: { state: afterEntry(state, next), head: next, lastUnixMs: atUnixMs }, effects };
};
