import type { Clock, RandomBytes } from '../../base/clock.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { loadShippedClips } from '../clips/files.ts';
import type { OpenSocket } from '../connection/socket.ts';
import type { MeetingLink } from '../link.ts';
import { Headless } from './headless.ts';
import { MeasuredStream } from './measured-stream.ts';
import type { Report, Witness } from './report.ts';
import { pause, waitFor } from './wait.ts';

const NAMES = ['Anna', 'Bert', 'Chloé'] as const;
/** From the first frame to a picture at every receiver: DTLS, key frames and the relay's estimate of bandwidth. */
const FLOW_WITHIN_MS = 20_000;
/** The relay holds a fresh simulcast layer back for 2 s while another is active: no wish is heard before. */
const LAYERS_SETTLE_MS = 2_500;
/** From a wish to the first frame of the other layer: one key-frame request, with room for a busy machine. */
const SWITCH_WITHIN_MS = 3_000;
/** For what was sent last to arrive, one retransmission included. */
const LAST_FRAMES_MS = 500;

export interface SelfCheckOptions {
  readonly link: MeetingLink;
  readonly seconds: number;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly say: (line: string) => void;
  readonly askWitness: () => Promise<Witness>;
}

export interface SelfCheckOutcome {
  readonly report: Report;
  readonly witness: Witness;
}

/**
 * Three participants meet with real media; what each opened of what the others sent over a window is compared byte for
 * byte. Throws a coded error where it does not come to a measurement.
 */
export const runSelfCheck = async (options: SelfCheckOptions): Promise<SelfCheckOutcome> => {
  const faults: string[] = [];
  const people: Headless[] = [];
  try {
    await joinAll(options, people, (fault) => faults.push(fault));
    const streams = measuredStreams(people);
    await startMedia(options, people, streams);
    const report = { ...(await measure(options, people, streams)), faults };
    return { report, witness: await options.askWitness() };
  } finally {
    await Promise.all(people.map(({ meeting }) => meeting.leave()));
  }
};

const joinAll = async (
  { link, openSocket, clock, randomBytes, say }: SelfCheckOptions,
  people: Headless[],
  onFault: (fault: string) => void,
): Promise<void> => {
  const clips = await loadShippedClips();
  const logger = faultLogger(onFault);
  const startMs = clock.nowMs();
  for (const name of NAMES)
    people.push(await Headless.join({ link, name, clips, openSocket, clock, randomBytes, logger, onFault }));
  say(`${people.length} participants joined after ${seconds(clock.nowMs() - startMs)} s`);
};

const faultLogger = (onFault: (fault: string) => void): Logger => ({
  ...silentLogger,
  error: (event, fields) => onFault(`${event} ${JSON.stringify(fields ?? {})}`),
});

const measuredStreams = (people: readonly Headless[]): MeasuredStream[] =>
  people.flatMap((to) =>
    people
      .filter((from) => from !== to)
      .flatMap((from) =>
        (['microphone', 'camera'] as const).map((source) => new MeasuredStream(from, to, source)),
      ),
  );

const startMedia = async (
  { clock, say }: SelfCheckOptions,
  people: readonly Headless[],
  streams: readonly MeasuredStream[],
): Promise<void> => {
  const startMs = clock.nowMs();
  await Promise.all(people.map((person) => person.produce()));
  const missing = () =>
    streams.filter(({ arrivals }) => arrivals.layer === undefined).map(({ name }) => name);
  await waitFor({ clock, what: 'waiting for media', limitMs: FLOW_WITHIN_MS, missing, say });
  say(`all ${streams.length} streams flow after ${seconds(clock.nowMs() - startMs)} s`);
  await pause(clock, Math.max(0, startMs + LAYERS_SETTLE_MS - clock.nowMs()));
};

const measure = async (
  options: SelfCheckOptions,
  people: readonly Headless[],
  streams: readonly MeasuredStream[],
): Promise<Omit<Report, 'faults'>> => {
  const { clock, say } = options;
  say(`measuring for ${options.seconds} s, with one switch of layer in between`);
  const fromMs = clock.nowMs();
  for (const stream of streams) stream.startWindow();
  await pause(clock, (options.seconds * 1000) / 2);
  await switchLayers(options, streams);
  await pause(clock, Math.max(0, fromMs + options.seconds * 1000 - clock.nowMs()));
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
const switchLayers = async (
  { clock, say }: SelfCheckOptions,
  streams: readonly MeasuredStream[],
): Promise<void> => {
  const videos = streams.filter(({ source }) => source === 'camera');
  await Promise.all(videos.map((stream) => stream.switchLayer()));
  const missing = () => videos.filter(({ isSwitched }) => !isSwitched).map(({ name }) => name);
  const wait = { clock, what: 'switching layers', limitMs: SWITCH_WITHIN_MS, missing, say };
  await waitFor(wait).catch((error: unknown) => say(String(error)));
};

const refusedByCode = (people: readonly Headless[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { meeting } of people)
    for (const [code, count] of Object.entries(meeting.state.refusedFrames))
      sums[code] = (sums[code] ?? 0) + count;
  return sums;
};

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(1);
