import type { HandedDevice } from '../../../test/support/handed-device.ts';

/** Of the fake camera: of a picture of this size three simulcast layers are sent, and the middle one is watched. */
export const CAMERA = { width: 960, height: 540, frameRate: 20 } as const;
/** One layer throughout: which one a relay's estimate would pick, and when, differs from join to join. */
export const WATCHED_LAYER = 1;
export const WATCHED_IN_WORDS = `the middle layer of a camera of ${CAMERA.width}x${CAMERA.height} at ${CAMERA.frameRate} pictures a second`;

/** `in-clear`: the same page and relay, but no frame is sealed or opened. */
export type Sealing = 'sealed' | 'in-clear';

export interface JoinOptions {
  readonly link: string;
  readonly name: string;
  readonly device: HandedDevice;
  readonly sealing: Sealing;
  /** Receives by way of the port that `window.impairedPort` answers. */
  readonly impaired: boolean;
}

/** Milliseconds since the call of `join`. */
export interface JoinTimes {
  /** The relay took the person in, and both transports are made. */
  readonly enteredMs: number;
  /** ICE and DTLS of the receiving transport are done. */
  readonly connectedMs: number;
  /** The first frame was decoded and given to the page's compositor. */
  readonly firstFrameMs: number;
}

/** Of everything that one page receives, totals since the start; W3C webrtc-stats, section 8.2. */
export interface Received {
  readonly atMs: number;
  readonly framesDecoded: number;
  readonly freezeCount: number;
  readonly totalFreezesMs: number;
  readonly concealedSamples: number;
  readonly totalSamples: number;
  /** Of all samples of sound together: how long they waited to be played, and how many did. */
  readonly soundWaitedMs: number;
  readonly soundPlayed: number;
  readonly keyFrames: number;
  readonly nacks: number;
  /** Packets that came by retransmission. */
  readonly resent: number;
  /** Frames that the sealing worker refused, by code; none where nothing is sealed. */
  readonly refusedFrames: Readonly<Record<string, number>>;
  /** The code of what the meeting last told its person, if anything. */
  readonly problem: string | undefined;
}

export interface CostOrder {
  readonly seed: number;
  readonly rounds: number;
  readonly framesPerSample: number;
  readonly sizes: readonly number[];
}

export const COST_SUBJECTS = ['bare', 'bare again', 'seal', 'open'] as const;
export type CostSubject = (typeof COST_SUBJECTS)[number];

/** Microseconds per frame, one value per round. */
export interface CostSamples {
  readonly size: number;
  readonly subject: CostSubject;
  readonly samplesUs: readonly number[];
}

/** What the page puts on `window`. Answers are codes where there is nothing else to say: `ok`, or a refusal's. */
export interface BenchApi {
  costs(order: CostOrder): Promise<readonly CostSamples[]>;
  join(options: JoinOptions): Promise<string>;
  /** Camera and microphone on. */
  send(): Promise<string>;
  /** Of the join, once the first picture came. */
  times(): Promise<JoinTimes>;
  received(): Promise<Received>;
  leave(): Promise<void>;
}

declare global {
  interface Window {
    bench: BenchApi;
    /** Where a port of the relay is reached with losses on the way. Of the benchmark's process. */
    impairedPort(relayPort: number): Promise<number>;
  }
}
