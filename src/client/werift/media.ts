import type { Bytes } from '../../base/bytes.ts';
import type { ConsumerId } from '../../base/ids.ts';
import type { Source } from '../../base/media.ts';
import type { EncodedClip } from '../clips/clip.ts';

/**
 * What a source is made of in Node: clips that loop in real time. Video: one clip per simulcast layer, lowest first,
 * all of one frame rate and length with key frames at the same places. Audio: one clip.
 */
export interface EncodedInput {
  readonly layers: readonly EncodedClip[];
  /** Told of every frame that was sealed and handed to the socket; for checks, called within the sending tick. */
  readonly onSent?: ((sent: SentFrame) => void) | undefined;
  /** What is sealed in place of a frame: for measurements, whose marks travel inside the seal. Its clear bytes must stay. */
  readonly marked?: ((frame: Bytes, due: DueFrame) => Bytes) | undefined;
}

export interface DueFrame {
  /** Index into `layers`. */
  readonly layer: number;
  readonly tick: number;
  /** When it was to leave, by the adapter's clock: not when it did. */
  readonly dueMs: number;
}

export interface SentFrame {
  readonly source: Source;
  /** Index into `layers`. */
  readonly layer: number;
  readonly kid: bigint;
  readonly ctr: bigint;
  /** Place of the frame in media time: the layers of one tick show the same instant. Rises by one per frame. */
  readonly tick: number;
  readonly keyFrame: boolean;
  /** Before sealing; shared with the clip, not to be changed. */
  readonly frame: Bytes;
}

export interface ReceivedFrame {
  /** Opened: equal to what was sealed. */
  readonly frame: Bytes;
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly keyFrame: boolean;
  readonly rtpTimestamp: number;
  /** By the adapter's clock (`Clock.nowMs`), when the frame was complete. */
  readonly receivedMs: number;
}

/** Totals of one received stream since `consume`. */
export interface ReceiveCounters {
  readonly packets: number;
  /** Packets that came back by RTX after loss; those resent as they were (audio) look like any late packet. */
  readonly recovered: number;
  /** Packets that were given up. */
  readonly lost: number;
  readonly framesOpened: number;
  /** Complete frames that `FrameKeys.open` refused, all codes together. */
  readonly framesRefused: number;
  /** Frames given up because a packet of theirs was lost, or was no valid payload. */
  readonly framesBroken: number;
  readonly nacksSent: number;
  readonly keyFrameRequestsSent: number;
}

/** One incoming stream. Frames come in the order in which they were sent; after a loss some are missing. */
export interface ReceivedStream {
  readonly consumer: ConsumerId;
  readonly source: Source;
  /** Under which its packets come, retransmissions aside. */
  readonly ssrc: number;
  onFrame(listener: (frame: ReceivedFrame) => void): () => void;
  counters(): ReceiveCounters;
}
