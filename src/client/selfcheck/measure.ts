import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Headless } from './headless.ts';
import type { MeasuredStream } from './measured-stream.ts';
import type { Report } from './report.ts';
import { pause, waitFor } from './wait.ts';

/** From the first frame to a picture at every receiver: DTLS, key frames and the relay's estimate of bandwidth. */
const FLOW_WITHIN_MS = 20_000;
/** The relay holds a fresh simulcast layer back for 2 s while another is active: no wish is heard before. */
const LAYERS_SETTLE_MS = 2_500;
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

/** Turns everything on, and waits until all of it arrives, on layers from which there is a way down. */
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
  const low = () => namesOf(videosOf(streams).filter(({ isHigh }) => !isHigh));
  await waitFor({ ...waiting, what: 'waiting for higher layers', missing: low });
};

/** Counts what was sent in the next `seconds`, with one switch of layer in the middle, and what came of it. */
export const measure = async (
  options: MeasureOptions,
  people: readonly Headless[],
  streams: Streams,
): Promise<Omit<Report, 'faults'>> => {
  const { clock, say } = options;
  say(`measuring for ${options.seconds} s, with one switch of layer in between`);
  const fromMs = clock.nowMs();
  const untilMs = fromMs + options.seconds * 1000;
  for (const stream of streams) stream.startWindow();
  await pause(clock, (untilMs - fromMs) / 2);
  await switchLayers(options, videosOf(streams));
  await pause(clock, Math.max(0, untilMs - clock.nowMs()));
  const toMs = clock.nowMs();
  await pause(clock, LAST_FRAMES_MS);
  return {
    participants: people.map(({ name }) => name),
    seconds: (toMs - fromMs) / 1000,
    streams: streams.map((stream) => stream.report(fromMs, toMs)),
    refusedByCode: refusedByCode(people),
  };
};

/** A switch that does not come is for the verdict to say, with all the rest. */
const switchLayers = async ({ clock, say }: MeasureOptions, videos: Streams): Promise<void> => {
  for (const code of await Promise.all(videos.map((video) => video.switchDown())))
    if (code !== undefined) say(`the relay refused a wish for another layer [${code}]`);
  const missing = () => namesOf(videos.filter(({ isSwitched }) => !isSwitched));
  const wait = { clock, what: 'switching layers', limitMs: SWITCH_WITHIN_MS, missing, say };
  await waitFor(wait).catch((error: unknown) => say(messageOf(error)));
};

const refusedByCode = (people: readonly Headless[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { meeting } of people)
    for (const [code, count] of Object.entries(meeting.state.refusedFrames))
      sums[code] = (sums[code] ?? 0) + count;
  return sums;
};

const videosOf = (streams: Streams): Streams => streams.filter(({ source }) => source === 'camera');

const namesOf = (streams: Streams): string[] => streams.map(({ name }) => name);
