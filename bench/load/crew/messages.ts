import type { LaneCounts } from '../impair/lane.ts';
import type { Visit } from '../scenario/plan.ts';
import type { Fault, Scenario } from '../scenario/schema.ts';

/** What is measured as a distribution, in milliseconds. */
export const MEASURES = [
  /** From the planned moment until entered, with both transports up. */
  'join',
  /** From the planned moment until the first frame of anybody's video (of sound, where nobody has video) was opened. */
  'first-frame',
  /** From the planned moment of somebody who sends until another opened the first frame of them: their key is in use. */
  'newcomer-heard',
  /** From a media worker's death until a participant who lost streams by it has opened a first frame of a new one. */
  'media-back',
  /** From the moment at which a frame was to leave until it was whole, before it is opened. */
  'one-way-video',
  'one-way-audio',
  /** The generator's own: how late people were sent in, frames left, and timers ran. */
  'began-late',
  'sent-late',
  'loop-late',
  /** And how much later than on devices of their own people's groups were computed, each answer by itself. */
  'group-late',
] as const;
export type Measure = (typeof MEASURES)[number];

/** What only grows, of one process. */
export const COUNTS = [
  'began',
  'joined',
  'failed',
  /** Neither in nor refused when they left, or when all was over. */
  'unfinished',
  'retries',
  'left',
  'fellOut',
  /** Sources that somebody in the meeting had sent, and that their own client gave up. */
  'sourcesStopped',
  'reconnects',
  'rejoins',
  'firstFrames',
  'newcomersHeard',
  'framesDue',
  'framesSent',
  'framesOpened',
  'framesRefused',
  /** Of these, those of an epoch before their receiver came, which are not for it; */
  'framesBefore',
  /** and those whose key would have been there in time, had the generator not been late with it. */
  'framesOwnLate',
  'framesUnmarked',
  'freezes',
  /** Of pictures that are opened, while they stand still: not only once they go on. */
  'frozenMs',
  /** Of these, those in which the relay said that it sends no layer of them: its estimate of the receiver's path allowed none. */
  'frozenUnsentMs',
  /** Looks at streams that were to flow, opened or only counted; and those to which nothing had come for a second. */
  'looks',
  'looksStopped',
  /** Packets of streams that are opened: come at first, come again, and given up. Sound that comes again looks like late sound. */
  'videoPackets',
  'videoRecovered',
  'videoLost',
  'audioPackets',
  'audioLost',
  /** Packets of streams that are counted only, and of these the missing. */
  'countedPackets',
  'countedMissing',
  /** Datagrams that the kernel dropped at sockets that are read, and at those of ghosts. */
  'drops',
  'ghostDrops',
] as const;
export type CountName = (typeof COUNTS)[number];
export type Counts = { readonly [C in CountName]: number };

/** One second of one process: what was added to the counts, and the durations measured in it. */
export interface Second {
  readonly second: number;
  readonly added: Counts;
  /** HDR histograms, compressed and in base64; those without a value are absent. */
  readonly durations: { readonly [M in Measure]?: string };
  /** CPU seconds of the process. */
  readonly cpuSeconds: number;
  readonly present: number;
}

/** What became of one stream at one receiver, or of one source over all its streams: packets are of the former, pictures of the latter. */
export interface StreamRecord {
  readonly kind: 'video' | 'audio';
  readonly to: number;
  /** Whether frames were opened, or packets counted only. */
  readonly opened: boolean;
  readonly watchedMs: number;
  readonly freezes: number;
  readonly frozenMs: number;
  /** Each freeze, by the second of the run in which it began. */
  readonly frozen: readonly { readonly fromSecond: number; readonly ms: number }[];
  /** Packets that there must have been, and those that came at the first try. */
  readonly packetsExpected: number;
  readonly packetsMissing: number;
  /** Of the missing, those that never came. */
  readonly packetsLost: number;
  readonly framesExpected: number;
  readonly framesArrived: number;
  /** Once a second where it was to flow; and of these, those to which no packet had come since the one before. */
  readonly looks: number;
  readonly looksStopped: number;
}

/** What became of one visit. Times from the planned moment. */
export interface VisitRecord {
  readonly index: number;
  readonly joinMs: number | undefined;
  readonly firstFrameMs: number | undefined;
  readonly tries: number;
  /** Codes of refusals, of each try and of an end before its time. */
  readonly codes: readonly string[];
}

/** What one impairment of all paths of a process did. */
export interface PathRecord {
  readonly fromSecond: number;
  readonly up: LaneCounts;
  readonly down: LaneCounts;
}

export interface DevicePlace {
  readonly person: number;
  readonly folder: string;
}

export interface PlannedSender {
  readonly index: number;
  readonly meeting: number;
  readonly video: boolean;
  /** Whether something of it flows from its coming to its end. */
  readonly always: boolean;
  readonly leaveAtMs: number;
}

export interface CrewOrder {
  readonly kind: 'start';
  readonly visits: readonly Visit[];
  /** Of all visits of the run, by their number: when each was planned, from the start. */
  readonly plannedMs: readonly number[];
  /** Of all visits of the run, those that send. */
  readonly senders: readonly PlannedSender[];
  readonly endMs: number;
  /** Of the meetings, in their order. */
  readonly links: readonly string[];
  readonly faults: readonly Fault[];
  /** Of the meetings, in base64url, where the run hands out their frame keys; absent where they come from groups. */
  readonly secrets: readonly string[] | undefined;
  readonly scenario: Pick<Scenario, 'lightOpensOneOf' | 'retry'>;
  readonly seed: number;
  /** Whose monotonic clock it is. */
  readonly clock: number;
  /** By that clock. */
  readonly startMs: number;
}

/** A meeting of no scenario, and its secret where the run hands out frame keys. */
export interface Rehearsal {
  readonly link: string;
  readonly secret: string | undefined;
}

export interface DevicesOrder {
  readonly kind: 'devices';
  /** Each with its person's number. */
  readonly devices: readonly DevicePlace[];
  /** Absent where there is no meeting for it. */
  readonly rehearsal: Rehearsal | undefined;
}

export type ToCrew =
  /** Comes first: the devices that it will need. */
  DevicesOrder | CrewOrder | { readonly kind: 'end' };

export type FromCrew =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'second'; readonly second: Second }
  | {
      readonly kind: 'done';
      readonly visits: readonly VisitRecord[];
      readonly streams: readonly StreamRecord[];
      readonly paths: readonly PathRecord[];
      readonly refusedByCode: Readonly<Record<string, number>>;
    };
