import type { Bytes } from '../base/bytes.ts';

/** Codecs that may be sealed. H264 and AV1 are refused: their bytes cannot pass through a relay sealed as they are. */
export const FRAME_CODECS = ['opus', 'vp8', 'vp9'] as const;
export type FrameCodec = (typeof FRAME_CODECS)[number];

/**
 * VP8's frame tag, start code and size (RFC 6386 section 9.1): libwebrtc reads all ten on key frames. More would tell
 * the relay more of the picture; fewer, and browsers drop the frame.
 */
const VP8_KEY_FRAME_CLEAR_BYTES = 10;
/** The relay tells key frames from delta frames by the low bit of the first byte. */
const VP8_DELTA_FRAME_CLEAR_BYTES = 1;

/** RFC 6386 section 9.1: the low bit of the first byte is 0 for key frames. `firstByte` of a frame or of a wire frame. */
const vp8ClearLength = (firstByte: number): number =>
  (firstByte & 1) === 0 ? VP8_KEY_FRAME_CLEAR_BYTES : VP8_DELTA_FRAME_CLEAR_BYTES;

/**
 * How many leading bytes of `bytes` are clear, or `undefined` where it is shorter than that: then it is no frame of
 * `codec`.
 * Frames and wire frames share their clear bytes, so sealing and opening get the same answer and no flag travels.
 */
export const clearLength = (codec: FrameCodec, bytes: Bytes): number | undefined => {
  if (codec !== 'vp8') return 0;
  const firstByte = bytes[0];
  if (firstByte === undefined) return undefined;
  const length = vp8ClearLength(firstByte);
  return length <= bytes.length ? length : undefined;
};
