import type { Bytes } from '../../base/bytes.ts';
import type { FrameCodec } from '../../framing/clear.ts';

export interface EncodedFrame {
  readonly bytes: Bytes;
  readonly keyFrame: boolean;
  /** Audio only: RFC 6464 level, 0 (loudest) to 127 (silence) in -dBov. */
  readonly level?: number | undefined;
}

/** Encoded media that loops: the first frame is a key frame, so that the loop restarts at one. Never empty. */
export interface EncodedClip {
  readonly codec: FrameCodec;
  /** RTP clock, ticks per second: 90,000 for video, 48,000 for Opus (RFC 7587). */
  readonly clockRate: number;
  /** Ticks of that clock from one frame to the next; the same for every frame. */
  readonly frameTicks: number;
  readonly frames: readonly EncodedFrame[];
}
