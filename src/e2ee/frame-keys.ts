import type { Bytes } from '../base/bytes.ts';
import type { Source } from '../base/media.ts';
import type { Refusal, Result } from '../base/result.ts';
import type { FrameCodec } from '../framing/clear.ts';

/** Why a frame was not opened. Each is counted; none changes any state. */
export const OPEN_REFUSALS = [
  'frame.malformed',
  'frame.unknown-key',
  'frame.sender-mismatch',
  'frame.replayed',
  'frame.not-authentic',
] as const;
export type OpenRefusal = Refusal<(typeof OPEN_REFUSALS)[number]>;

/**
 * `frame.no-key`: no own key yet. `frame.exhausted`: the 2^32 frames of one key are used up. `frame.malformed`: no
 * frame of its codec (VP8: empty, or a key frame under 10 bytes); it is dropped, the next one may be sealed.
 */
export type SealRefusal = Refusal<'frame.no-key' | 'frame.exhausted' | 'frame.malformed'>;

/**
 * One outgoing stream: a simulcast layer has one each. Its number is never given out again under the same own key;
 * its counter lives in the key store. A new own key (next epoch) goes on under the same context with a counter of its own.
 */
export interface SealingContext {
  /** For VP8 the frame's own bit says whether it is a key frame, as it does to the relay; `keyFrame` cannot change it. */
  seal(frame: Bytes, keyFrame: boolean): Result<SealedFrame, SealRefusal>;
}

export interface SealedFrame {
  readonly wire: Bytes;
  readonly kid: bigint;
  readonly ctr: bigint;
}

export interface OpenedFrame {
  readonly frame: Bytes;
  readonly kid: bigint;
  readonly ctr: bigint;
}

/** What the receiver knows of a stream before any frame of it: from the roster that it verified, not from the relay. */
export interface ExpectedStream {
  readonly number: number;
  readonly source: Source;
  readonly codec: FrameCodec;
}

/** Whose keys there are: all that a meeting tells its key store, wherever that store lives. */
export interface KeyPort {
  /** Seals under `baseKey` as sender `number` from now on. Refuses a key that this store has sealed under before. */
  useOwnKey(number: number, baseKey: Bytes): Result<undefined>;
  /** A second key for a number replaces the first. Refuses `keys.too-many-senders`; nothing changes then. */
  addSender(number: number, baseKey: Bytes): Result<undefined>;
  /** What was opened stays remembered: the same number and key, added again, does not open it a second time. */
  removeSender(number: number): void;
}

/** A meeting's frame keys as one client holds them. Base keys come from the pre-shared secret now, from MLS later. */
export interface FrameKeys extends KeyPort {
  newSealingContext(source: Source, codec: FrameCodec): Result<SealingContext>;
  open(wire: Bytes, expected: ExpectedStream): Result<OpenedFrame, OpenRefusal>;
}

/** As `SealingContext`, answering later. Frames may be under way at once: each has its counter from the call on. */
export interface AsyncSealingContext {
  seal(frame: Bytes, keyFrame: boolean): Promise<Result<SealedFrame, SealRefusal>>;
}

/** As `FrameKeys`, over cryptography that answers later. Of copies of a frame that are opened at once, one is accepted. */
export interface AsyncFrameKeys extends KeyPort {
  newSealingContext(source: Source, codec: FrameCodec): Result<AsyncSealingContext>;
  open(wire: Bytes, expected: ExpectedStream): Promise<Result<OpenedFrame, OpenRefusal>>;
}
