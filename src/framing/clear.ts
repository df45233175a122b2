/** Codecs that may be sealed. H264 and AV1 are refused: their bytes cannot pass through a relay sealed as they are. */
export const FRAME_CODECS = ['opus', 'vp8', 'vp9'] as const;
export type FrameCodec = (typeof FRAME_CODECS)[number];
