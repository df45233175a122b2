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

/** `frame.no-key`: no own key yet. `frame.exhausted`: the counter's 2^64 or the 2^32 frames of one key are used up. */
export type SealRefusal = Refusal<'frame.no-key' | 'frame.exhausted'>;

/**
 * One outgoing stream: a simulcast layer has one each. Its number is never given out again under the same own key;
 * its counter lives in the key store. A new own key (next epoch) goes on under the same context with a counter of its own.
 */
export interface SealingContext {
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

/** A meeting's frame keys as one client holds them. Base keys come from the pre-shared secret now, from MLS later. */
export interface FrameKeys {
  /** Seals under `baseKey` as sender `number` from now on. Refuses a key that this store has sealed under before. */
  useOwnKey(number: number, baseKey: Bytes): Result<undefined>;
  addSender(number: number, baseKey: Bytes): void;
  removeSender(number: number): void;
  newSealingContext(source: Source, codec: FrameCodec): Result<SealingContext>;
  open(wire: Bytes, expected: ExpectedStream): Result<OpenedFrame, OpenRefusal>;
}
