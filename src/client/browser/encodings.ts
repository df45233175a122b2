import type { Source } from '../../base/media.ts';

/** The codecs that a page may choose for its video: simulcast in VP8, spatial layers in one stream in VP9. */
export type VideoCodec = 'vp8' | 'vp9';

/** One stream of a source, lowest first. Bit rates in bit/s are ceilings; the congestion controller stays below. */
export interface Encoding {
  readonly maxBitrate: number;
  readonly scaleResolutionDownBy?: number;
  readonly scalabilityMode?: string;
}

export interface AudioProfile {
  readonly opusStereo: boolean;
  /** In-band repair of single losses, without a round trip. */
  readonly opusFec: boolean;
  /** Gaps of silence would tell the relay when somebody speaks. */
  readonly opusDtx: false;
  readonly opusMaxAverageBitrate: number;
  readonly opusPtime: number;
}

/**
 * Three layers of 1/4, 1/2 and full size: half the layers of what a meeting of twenty shows are tiny. Each costs the
 * sender its bit rate; more layers would cost a phone more than the relay could use.
 */
const CAMERA_VP8: readonly Encoding[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 1, maxBitrate: 1_500_000, scalabilityMode: 'L1T3' },
];
/** As many layers in one stream; between key frames none depends on a lower one, so that the relay may drop those. */
const CAMERA_VP9: readonly Encoding[] = [{ maxBitrate: 1_500_000, scalabilityMode: 'L3T3_KEY' }];
/** One size, since text scaled down is not read; the frame rate gives way instead (temporal layers). */
const SCREEN: readonly Encoding[] = [{ maxBitrate: 1_500_000, scalabilityMode: 'L1T3' }];

export const videoEncodings = (source: Source, codec: VideoCodec): readonly Encoding[] => {
  if (source !== 'camera') return SCREEN;
  return codec === 'vp8' ? CAMERA_VP8 : CAMERA_VP9;
};

const SPEECH: AudioProfile = {
  opusStereo: false,
  opusFec: true,
  opusDtx: false,
  opusMaxAverageBitrate: 32_000,
  opusPtime: 20,
};
const PROGRAMME: AudioProfile = { ...SPEECH, opusStereo: true, opusMaxAverageBitrate: 96_000 };

export const audioProfile = (source: Source): AudioProfile => (source === 'microphone' ? SPEECH : PROGRAMME);

/** WebRTC's word for the DSCP that a browser asks the system for (RFC 8837): speech first, then pictures. */
export const networkPriority = (source: Source): RTCPriorityType =>
  source === 'microphone' ? 'high' : 'medium';
