import type { Bytes } from '../base/bytes.ts';
import type { ParticipantId } from '../base/ids.ts';
import type { Source } from '../base/media.ts';
import type { Refusal, Result } from '../base/result.ts';
import type { FrameCodec } from '../framing/clear.ts';

/** Why a frame was not opened. Each is counted; none changes any state. */
export const OPEN_REFUSALS = [
  'frame.malformed',
  'frame.unknown-key',
  /** Of a group's epoch whose keys this device does not have yet. Who was to be ready, and is not, misses frames. */
  'frame.later-epoch',
  /** Of one before this device came: not for it. Whoever still sends so has yet to hear that all are ready. */
  'frame.earlier-epoch',
  /** Of one whose keys this device had, and has forgotten. */
  'frame.forgotten-epoch',
  'frame.sender-mismatch',
  'frame.replayed',
  'frame.not-authentic',
] as const;
export type OpenRefusal = Refusal<(typeof OPEN_REFUSALS)[number]>;

/**
 * `frame.no-key`: no own key yet. `frame.between-epochs`: the group that there was is lost, and the next one not there
 * yet; the frame is dropped, later ones may be sealed. `frame.exhausted`: the 2^32 frames of one key are used up. `frame.malformed`: no
 * frame of its codec (VP8: empty, or a key frame under 10 bytes); it is dropped, the next one may be sealed.
 */
export type SealRefusal = Refusal<
  'frame.no-key' | 'frame.between-epochs' | 'frame.exhausted' | 'frame.malformed'
>;

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

/** Whose frames a stream has. In a group a sender's number changes with each epoch, and the stream goes on. */
export type StreamSender =
  | { readonly number: number; readonly participant?: undefined }
  | { readonly participant: ParticipantId; readonly number?: undefined };

/** What the receiver knows of a stream before any frame of it: from the roster that it verified, not from the relay. */
export type ExpectedStream = StreamSender & { readonly source: Source; readonly codec: FrameCodec };

/** Keys of a group's epochs (RFC 9605 section 5.2): one base key for all, and for each leaf a sender number of its own. */
export interface EpochKeys {
  /**
   * Opens frames of `epoch` from now on; `leaves` are all others, for this epoch only. Takes a copy of `baseKey`, which is
   * wiped afterwards. Throws `bug.epoch` for an epoch that key ids cannot tell from an open one, and `keys.used-before`
   * for a base key that was here before: its replay windows are gone.
   */
  openUnder(epoch: bigint, baseKey: Bytes, leaves: ReadonlyMap<number, ParticipantId>): void;
  /** Seals under `epoch` from now on, which is open. */
  sealUnder(epoch: bigint, ownLeaf: number): void;
  /** Nothing is sealed until the next `sealUnder`: somebody can open this epoch who no longer may. */
  stopSealing(): void;
  /** Its keys are wiped; where it was the one to seal under, nothing is sealed until the next. */
  forget(epoch: bigint): void;
}

/** Whose keys there are: all that a meeting tells its key store, wherever that store lives. */
export interface KeyPort extends EpochKeys {
  /** Seals under `baseKey` as sender `number` from now on. Refuses a key that this store has sealed under before. */
  useOwnKey(number: number, baseKey: Bytes): Result<undefined>;
  /** A second key for a number replaces the first. Refuses `keys.too-many-senders`; nothing changes then. */
  addSender(number: number, baseKey: Bytes): Result<undefined>;
  /** What was opened stays remembered: the same number and key, added again, does not open it a second time. */
  removeSender(number: number): void;
}

/** A meeting's frame keys as one client holds them. */
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
