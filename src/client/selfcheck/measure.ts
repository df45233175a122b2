import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Headless } from './headless.ts';
import type { MeasuredStream } from './measured-stream.ts';
import type { Report } from './report.ts';
import { pause, waitFor } from './wait.ts';

/** From the first frame to a picture at every receiver: DTLS, key frames and the relay's estimate of bandwidth. */
const FLOW_WITHIN_MS = 20_000;
/** The relay's first estimates of bandwidth may still take a layer away again that has just come. */
const LAYERS_SETTLE_MS = 1_000;
/** From a wish to the first frame of the other layer: one key-frame request, with room for a busy machine. */
const SWITCH_WITHIN_MS = 3_000;
/** For what was sent last to arrive, one retransmission included. */
const LAST_FRAMES_MS = 500;

export interface MeasureOptions {
  readonly clock: Clock;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

type Streams = readonly MeasuredStream[];

/** Turns everything on, and waits until all of it arrives, on the highest layer: from there the way leads down. */
export const startMedia = async (
  { clock, say }: MeasureOptions,
  people: readonly Headless[],
  streams: Streams,
): Promise<void> => {
  const startMs = clock.nowMs();
  await Promise.all(people.map((person) => person.produce()));
  const waiting = { clock, limitMs: FLOW_WITHIN_MS, say };
  const silent = () => namesOf(streams.filter(({ arrivals }) => arrivals.layer === undefined));
  await waitFor({ ...waiting, what: 'waiting for media', missing: silent });
  say(`all ${streams.length} streams flow after ${((clock.nowMs() - startMs) / 1000).toFixed(1)} s`);
  await pause(clock, Math.max(0, startMs + LAYERS_SETTLE_MS - clock.nowMs()));
  const low = () => namesOf(videosOf(streams).filter(({ isHighest }) => !isHighest));
  await waitFor({ ...waiting, what: 'waiting for the highest layers', missing: low });
};

/** Counts what was sent in the next `seconds`, each video going down its layers meanwhile, and what came of it. */
export const measure = async (
  options: MeasureOptions,
  people: readonly Headless[],
  streams: Streams,
): Promise<Omit<Report, 'faults'>> => {
  const { clock, say } = options;
  say(`measuring for ${options.seconds} s, down from layer to layer`);
  const fromMs = clock.nowMs();
  const untilMs = fromMs + options.seconds * 1000;
  for (const stream of streams) stream.startWindow();
  await descend(options, videosOf(streams), fromMs);
  await pause(clock, Math.max(0, untilMs - clock.nowMs()));
  const toMs = clock.nowMs();
  await pause(clock, LAST_FRAMES_MS);
  return {
    participants: people.map(({ name }) => name),
    suites: [...new Set(people.flatMap(({ meeting }) => meeting.state.charter?.suite ?? []))],
    seconds: (toMs - fromMs) / 1000,
    streams: streams.map((stream) => stream.report(fromMs, toMs)),
    refusedByCode: refusedByCode(people),
    sealing: people.map(({ sealing }) => sealing),
  };
};

/** Every layer gets an equal part of the window: one after another, the highest being there already. */
const descend = async (options: MeasureOptions, videos: Streams, fromMs: number): Promise<void> => {
  const { clock, seconds } = options;
  const count = Math.max(...videos.map(({ layerCount }) => layerCount));
  for (let layer = count - 2; layer >= 0; layer--) {
    const dueMs = fromMs + seconds * 1000 * ((count - 1 - layer) / count);
    await pause(clock, Math.max(0, dueMs - clock.nowMs()));
    await switchTo(layer, options, videos);
  }
};

/** A switch that does not come is for the verdict to say, with all the rest. */
const switchTo = async (layer: number, { clock, say }: MeasureOptions, videos: Streams): Promise<void> => {
  for (const code of await Promise.all(videos.map((video) => video.wishFor(layer))))
    if (code !== undefined) say(`the relay refused a wish for another layer [${code}]`);
  const missing = () => namesOf(videos.filter(({ arrivals }) => !arrivals.visited.includes(layer)));
  const wait = { clock, what: `switching to layer ${layer}`, limitMs: SWITCH_WITHIN_MS, missing, say };
  await waitFor(wait).catch((error: unknown) => say(messageOf(error)));
};

/** Of all together, since they joined. */
export const refusedByCode = (people: readonly Headless[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { meeting } of people)
    for (const [code, count] of Object.entries(meeting.state.refusedFrames))
      sums[code] = (sums[code] ?? 0) + count;
  return sums;
};

const videosOf = (streams: Streams): Streams => streams.filter(({ source }) => source === 'camera');

const namesOf = (streams: Streams): string[] => streams.map(({ name }) => name);
