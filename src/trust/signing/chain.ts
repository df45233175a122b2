import { toBase64Url } from '../../base/bytes.ts';
import { asId } from '../../base/ids.ts';
import { ok, type Refusal, type Result } from '../../base/result.ts';
import { type Entry, entryInput, readEntry } from '../acts/entry.ts';
import type { Input } from '../acts/input.ts';
import { type Followed, moveOn, type Place } from '../acts/place.ts';
import { step } from '../acts/step.ts';
import type { StatementDigest } from '../statement/statement.ts';
import { openAct } from './act.ts';
import { sha256 } from './keys.ts';
import type { Judge } from './vouched.ts';

/**
 * Takes the next entry: one that does not follow, or that the meeting's rules do not allow, is refused and changes nothing.
 * Certificates are judged at the entry's own time, so that whoever plays the chain later comes to the same.
 */
export const follow = async (
  place: Place,
  text: string,
  { root }: Pick<Judge, 'root'>,
): Promise<Result<Followed, Refusal>> => {
  const entry = readEntry(text, place.head, place.lastUnixMs);
  if (!entry.ok) return entry;
  const { atUnixMs } = entry.value;
  const input = await inputOf(entry.value, { root, nowUnixMs: atUnixMs });
  if (!input.ok) return input;
  const taken = step(place.state, input.value, atUnixMs);
  if (!taken.ok) return taken;
  const digest = await (root.entries?.read(text, () => digestOf(text)) ?? digestOf(text));
  return ok(moveOn(place, taken.value, digest, atUnixMs));
};

const digestOf = async (text: string): Promise<StatementDigest> =>
  asId<StatementDigest>(toBase64Url(await sha256(entryInput(text))));

const inputOf = async ({ what }: Entry, judge: Judge): Promise<Result<Input, Refusal>> => {
  if (what.kind === 'fact') return ok(what);
  const act = await openAct(what.act, judge);
  return act.ok ? ok({ kind: 'act', act: act.value }) : act;
};

/** For whoever comes late: all entries since the charter, in order. Answers where it broke, if it did. */
export const replay = async (
  start: Place,
  texts: Iterable<string>,
  judge: Pick<Judge, 'root'>,
): Promise<Result<Place, Refusal & { readonly afterEntry: number }>> => {
  let place = start;
  for (const text of texts) {
    const followed = await follow(place, text, judge);
    if (!followed.ok) return { ok: false, refusal: { ...followed.refusal, afterEntry: place.head.n } };
    place = followed.value.place;
  }
  return ok(place);
};
