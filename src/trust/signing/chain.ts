import { toBase64Url } from '../../base/bytes.ts';
import { asId } from '../../base/ids.ts';
import { ok, type Refusal, type Result } from '../../base/result.ts';
import { type Entry, entryInput, type Head, readEntry } from '../acts/entry.ts';
import type { Effect, Input } from '../acts/input.ts';
import type { MeetingState } from '../acts/state.ts';
import { step } from '../acts/step.ts';
import type { StatementDigest } from '../statement/statement.ts';
import { openAct } from './act.ts';
import { sha256 } from './keys.ts';
import type { Judge } from './vouched.ts';

/** Where somebody stands in what happened: the state that all entries up to `head` make of the charter. */
export interface Place {
  readonly state: MeetingState;
  readonly head: Head;
  readonly lastUnixMs: number;
}

/** Before the first entry. */
export const startOf = (state: MeetingState, nowUnixMs: number): Place => ({
  state,
  head: { n: 0, digest: state.charterDigest },
  lastUnixMs: nowUnixMs,
});

export interface Followed {
  readonly place: Place;
  readonly effects: readonly Effect[];
}

/** Takes the next entry: one that does not follow, or that the meeting's rules do not allow, is refused and changes nothing. */
export const follow = async (
  place: Place,
  text: string,
  judge: Judge,
): Promise<Result<Followed, Refusal>> => {
  const entry = readEntry(text, place.head, place.lastUnixMs);
  if (!entry.ok) return entry;
  const input = await inputOf(entry.value, judge);
  if (!input.ok) return input;
  const { n, atUnixMs } = entry.value;
  const taken = step(place.state, input.value, atUnixMs);
  if (!taken.ok) return taken;
  const digest = asId<StatementDigest>(toBase64Url(await sha256(entryInput(text))));
  const { state, effects } = taken.value;
  return ok({ place: { state, head: { n, digest }, lastUnixMs: atUnixMs }, effects });
};

const inputOf = async ({ what }: Entry, judge: Judge): Promise<Result<Input, Refusal>> => {
  if (what.kind === 'fact') return ok(what);
  const act = await openAct(what.act, judge);
  return act.ok ? ok({ kind: 'act', act: act.value }) : act;
};

/** For whoever comes late: all entries since the charter, in order. Answers where it broke, if it did. */
export const replay = async (
  start: Place,
  texts: Iterable<string>,
  judge: Judge,
): Promise<Result<Place, Refusal & { readonly afterEntry: number }>> => {
  let place = start;
  for (const text of texts) {
    const followed = await follow(place, text, judge);
    if (!followed.ok) return { ok: false, refusal: { ...followed.refusal, afterEntry: place.head.n } };
    place = followed.value.place;
  }
  return ok(place);
};

/** What the relay writes, and sends to everybody as it is. */
export const writeEntry = ({ head }: Place, atUnixMs: number, what: Entry['what']): string =>
  JSON.stringify({ n: head.n + 1, previous: head.digest, atUnixMs, what });
