import type { Source } from '../base/media.ts';

/** The codecs that a page may choose for its video: simulcast in VP8, spatial layers in one stream in VP9. */
export type VideoCodec = 'vp8' | 'vp9';
type VideoSource = 'camera' | 'screen';
type AudioSource = 'microphone' | 'screen-audio';

/** One stream of a source, lowest first. Bit rates in bit/s are ceilings; the congestion controller stays below. */
export interface Encoding {
  readonly maxBitrate: number;
  readonly scaleResolutionDownBy?: number;
  readonly scalabilityMode?: string;
}

export interface VideoProfile {
  /** What is asked of the device; absent: whatever it has. */
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly framesPerSecond: number;
  readonly maxFramesPerSecond: number;
  /** What gives way where bits are short (W3C mst-content-hint): `motion` the size, `detail` the frame rate. */
  readonly contentHint: 'motion' | 'detail';
  /** The same once more for browsers without content hints. */
  readonly degradationPreference: 'maintain-framerate' | 'maintain-resolution';
  readonly encodings: Readonly<Record<VideoCodec, readonly Encoding[]>>;
}

export interface AudioProfile {
  readonly contentHint: 'speech' | 'music';
  readonly opus: {
    readonly opusStereo: boolean;
    /** In-band repair of single losses, without a round trip. */
    readonly opusFec: boolean;
    /** Gaps of silence would tell the relay when somebody speaks. */
    readonly opusDtx: false;
    readonly opusMaxAverageBitrate: number;
    readonly opusPtime: number;
  };
}

/**
 * Cameras: three layers of 1/4, 1/2 and full size, since half of what a meeting of twenty shows are tiny. Each costs the
 * sender its bit rate; more layers would cost a phone more than the relay could use. In VP9 as many in one stream;
 * between key frames none depends on a lower one, so that the relay may drop those.
 *
 * Screens: one size, as text scaled down is not read. Few pictures a second leave each of them more bits, and the frame
 * rate gives way further (temporal layers). A relay cannot make one stream smaller for one receiver, so its rate is what
 * every path of the meeting must hold. 500 kbit/s show a whole page of 12-point text after about 5 s; more would be sooner
 * on fast paths, and never on slow ones.
 */
export const VIDEO_PROFILES = {
  camera: {
    widthPx: 1280,
    heightPx: 720,
    framesPerSecond: 30,
    maxFramesPerSecond: 30,
    contentHint: 'motion',
    degradationPreference: 'maintain-framerate',
    encodings: {
      vp8: [
        { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
        { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T3' },
        { scaleResolutionDownBy: 1, maxBitrate: 1_500_000, scalabilityMode: 'L1T3' },
      ],
      vp9: [{ maxBitrate: 1_500_000, scalabilityMode: 'L3T3_KEY' }],
    },
  },
  screen: {
    framesPerSecond: 15,
    maxFramesPerSecond: 30,
    contentHint: 'detail',
    degradationPreference: 'maintain-resolution',
    // One temporal layer: pages turn seldom, so most layers carry nothing most of the time, and a relay takes a layer
    // that carries nothing for one that is off. A page that came in it was seen to stay unseen for a minute.
    encodings: {
      vp8: [{ maxBitrate: 500_000, scalabilityMode: 'L1T1' }],
      vp9: [{ maxBitrate: 500_000, scalabilityMode: 'L1T1' }],
    },
  },
} as const satisfies Readonly<Record<VideoSource, VideoProfile>>;

const SPEECH = {
  opusStereo: false,
  opusFec: true,
  opusDtx: false,
  opusMaxAverageBitrate: 32_000,
  opusPtime: 20,
} as const;

export const AUDIO_PROFILES: Readonly<Record<AudioSource, AudioProfile>> = {
  microphone: { contentHint: 'speech', opus: SPEECH },
  'screen-audio': {
    contentHint: 'music',
    opus: { ...SPEECH, opusStereo: true, opusMaxAverageBitrate: 96_000 },
  },
};

export const contentHintOf = (source: Source): string =>
  source === 'camera' || source === 'screen'
    ? VIDEO_PROFILES[source].contentHint
    : AUDIO_PROFILES[source].contentHint;

/** A picture enlarged by a quarter looks as sharp as before, and a layer more costs three times the bits. */
const ENLARGED_AT_MOST = 1.25;

/** The lowest spatial layer of a camera that looks sharp at `heightPx` pixels of the screen. */
export const cameraLayerFor = (heightPx: number): number => {
  const { heightPx: fullPx, encodings } = VIDEO_PROFILES.camera;
  const heights = encodings.vp8.map(({ scaleResolutionDownBy }) => fullPx / scaleResolutionDownBy);
  const found = heights.findIndex((layerPx) => layerPx * ENLARGED_AT_MOST >= heightPx);
  return found < 0 ? heights.length - 1 : found;
};
