import type { Source } from '../../../src/base/media.ts';
import type { VideoCodec } from '../../../src/client/profiles.ts';
import type { HandedDevice } from '../../support/handed-device.ts';
import type { Reading } from './text.ts';

/** Which worker seals: the project's, or one that breaks in the way its name says. */
export type WorkerKind = 'real' | 'throwing' | 'broken-key';

/** What leads into a meeting whose relay is behind the page's own origin. */
export interface PageEntry {
  readonly meeting: string;
  /** Digest of its charter. */
  readonly charter: string;
  readonly device: HandedDevice;
}

export interface JoinOptions extends PageEntry {
  readonly name: string;
  readonly videoCodec?: VideoCodec;
  readonly worker?: WorkerKind;
}

export interface InboundFigures {
  readonly kind: string;
  readonly packetsReceived: number;
  readonly framesDecoded: number;
  readonly frameWidth: number;
  readonly totalAudioEnergy: number;
}

export interface OutboundFigures {
  readonly kind: string;
  readonly packetsSent: number;
  readonly framesSent: number;
  readonly bytesSent: number;
  /** Whether the sender's encoding is turned on. */
  readonly isActive: boolean;
  readonly frameWidth: number;
}

/** What a test reads of a page at one moment: plain data. */
export interface Figures {
  readonly phase: string;
  readonly problem: string | undefined;
  /** Why the client is out. */
  readonly over: string | undefined;
  readonly own: readonly string[];
  readonly streams: readonly {
    readonly source: Source;
    readonly participant: string;
    readonly name: string;
  }[];
  readonly participants: readonly string[];
  readonly unverified: readonly string[];
  readonly refusedStreams: number;
  readonly refusedFrames: Readonly<Record<string, number>>;
  readonly inbound: readonly InboundFigures[];
  readonly outbound: readonly OutboundFigures[];
  readonly sealingFailures: readonly string[];
}

/** What the page puts on `window` for tests. Answers are codes: `ok`, or a refusal's. */
export interface HarnessApi {
  join(options: JoinOptions): Promise<string>;
  produce(source: Source): Promise<string>;
  /** Camera and microphone are a picture that flashes and a tone that beeps at the same moments. */
  produceFlashAndBeep(): Promise<string>;
  /** The screen is a page of 12-point text. */
  produceText(): Promise<string>;
  turnTo(page: number): void;
  /** What can still be read of that page in the picture that comes. */
  readText(page: number): Reading;
  /**
   * By how much the sound follows its picture, in milliseconds, for each of `count` flashes: of what this page made
   * itself, or of what comes.
   */
  measureSkew(of: 'made' | 'coming', count: number): Promise<number[]>;
  stop(source: Source): Promise<string>;
  setPaused(source: Source, paused: boolean): Promise<string>;
  preferLayers(name: string, spatialLayer: number): Promise<string>;
  leave(): Promise<void>;
  figures(): Promise<Figures>;
  terminateWorker(): void;
  /** From now on the worker that can break does. */
  breakWorker(): void;
  /** From now on the browser takes a sender's transform and does nothing with it, as one that came late. */
  ignoreTransforms(): void;
  /** Keys of epochs that begin from now on are held back. */
  holdKeys(): void;
  /** Hands them over, and says how long it took until the next picture was decoded, in milliseconds. */
  releaseKeys(): Promise<number>;
  trackState(source: Source): string;
  /** Of the sender of `source`: what the browser itself says gives way. */
  degradation(source: Source): string;
}

declare global {
  interface Window {
    harness: HarnessApi;
  }
}
