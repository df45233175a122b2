import type { Clock } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { Headless, SealedWire } from './headless.ts';
import { MeasuredStream } from './measured-stream.ts';
import type { Changes, Joined, Removed } from './report.ts';
import { pause, waitFor } from './wait.ts';

/** As long as somebody who comes waits for a picture: keys, DTLS and key frames on a busy machine. */
const HEARD_WITHIN_MS = 15_000;
/** Longer than anybody seals under the epoch before: a second to be ready, and old keys live for two. */
const WATCH_MS = 3_000;

export interface ChangesOptions {
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** The chair first, the one to be removed last: it keeps every key that it is given. */
  readonly people: readonly Headless[];
  readonly joinFourth: () => Promise<Headless>;
}

/** Somebody comes while media flows, then the chair removes somebody: what each change of keys lets whom open. */
export const measureChanges = async (options: ChangesOptions): Promise<Changes> => {
  const fourth = await options.joinFourth();
  try {
    const joined = await measureJoin(options, fourth);
    return { joined, removed: await measureRemoval(options, fourth) };
  } finally {
    await fourth.meeting.leave();
  }
};

const measureJoin = async ({ clock, say, people }: ChangesOptions, fourth: Headless): Promise<Joined> => {
  const startMs = clock.nowMs();
  const streams = people.flatMap((other) =>
    (['microphone', 'camera'] as const).flatMap((source) => [
      new MeasuredStream(other, fourth, source),
      new MeasuredStream(fourth, other, source),
    ]),
  );
  await fourth.produce();
  const missing = () =>
    streams.filter(({ arrivals }) => arrivals.layer === undefined).map(({ name }) => name);
  await waitFor({ clock, what: `waiting for ${fourth.name}`, limitMs: HEARD_WITHIN_MS, missing, say });
  const afterMs = clock.nowMs() - startMs;
  const epoch = Number(fourth.meeting.state.epochs.at(-1)?.number ?? 0);
  say(`${fourth.name} came, in epoch ${epoch}: all streams flow after ${(afterMs / 1000).toFixed(1)} s`);
  return { name: fourth.name, afterMs, epoch };
};

const measureRemoval = async ({ clock, say, people }: ChangesOptions, fourth: Headless): Promise<Removed> => {
  const [chair, removed] = [people[0], people.at(-1)];
  const person = removed?.meeting.state.self?.person;
  if (chair === undefined || removed === undefined || person === undefined)
    throw new BelfryError('selfcheck.nobody', 'there is nobody to be removed');
  const staying = [...people.slice(0, -1), fourth];
  const taps = staying.map((one) => one.tap());
  const orderedMs = clock.nowMs();
  await order(chair, person);
  say(`${chair.name} removed ${removed.name}, whose device keeps every key that it was ever given`);
  await pause(clock, WATCH_MS);
  const sealed = taps.flatMap((stop) => stop()).filter(({ atMs }) => atMs >= orderedMs);
  return judgeSealed(removed, orderedMs, sealed);
};

const order = async (chair: Headless, person: PersonId): Promise<void> => {
  const ordered = await chair.meeting.order({ kind: 'remove', person, isForGood: false });
  if (!ordered.ok) throw BelfryError.from(ordered.refusal);
};

const judgeSealed = (removed: Headless, orderedMs: number, sealed: readonly SealedWire[]): Removed => {
  const opened = sealed.filter((frame) => removed.couldOpen(frame));
  const lastMs = opened.length === 0 ? undefined : Math.max(...opened.map(({ atMs }) => atMs));
  return {
    name: removed.name,
    framesTried: sealed.length,
    framesOpened: opened.length,
    lastOpenedMs: lastMs === undefined ? undefined : lastMs - orderedMs,
    framesAfter: sealed.filter(({ atMs }) => atMs > (lastMs ?? 0)).length,
  };
};

/** The others may seal for so long before they heard of it. */
const LAST_OPENED_WITHIN_MS = 2_000;

/** Why the change of keys did not do what it is for. */
export const changeReasons = ({ removed }: Changes): string[] => {
  const { name, framesAfter, lastOpenedMs = 0 } = removed;
  const reasons: string[] = [];
  if (framesAfter === 0) reasons.push(`${name} was removed, and could open everything that was sent since`);
  if (lastOpenedMs > LAST_OPENED_WITHIN_MS)
    reasons.push(`${name} could open frames ${Math.round(lastOpenedMs)} ms after the order to remove`);
  return reasons;
};

/** What a person reads. */
export const changeLines = ({ joined, removed }: Changes): string[] => [
  `${joined.name} came while media flowed: seen and heard by all, and all by ${joined.name}, after ${Math.round(joined.afterMs)} ms.`,
  removed.lastOpenedMs === undefined
    ? `${removed.name} was removed, and could open no frame from the order on.`
    : `${removed.name} was removed: the last frame that it could open was sealed ${Math.round(removed.lastOpenedMs)} ms after the order.`,
  `Of ${removed.framesAfter} frames after that it could open none, with every key that it was ever given.`,
];
