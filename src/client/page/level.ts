import type { Clock } from '../../base/clock.ts';

/** Often enough that a bar follows speech, seldom enough for a dozen streams on a phone. */
const LOOK_EVERY_MS = 100;
/** What loudness is of: 21 ms at 48 kHz, a few periods of the lowest voice. */
const WINDOW_SAMPLES = 1024;
/** What a look sees: 170 ms, more than passes until the next, so that no sound falls between two looks. */
const HEARD_SAMPLES = 8 * WINDOW_SAMPLES;
/** Decibels below full scale that count as silence: quieter is the noise of rooms and microphones. */
const FLOOR_DB = -55;

/** How loud samples of -1 to 1 are: 0 at the floor, 1 at full scale, in between by decibels. */
export const loudnessOf = (samples: Float32Array): number => {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  const decibels = 10 * Math.log10(power + Number.EPSILON);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
};

/** Of the loudest window: a short sound is as loud as a long one. */
export const loudestOf = (samples: Float32Array): number => {
  let loudest = 0;
  for (let at = 0; at < samples.length; at += WINDOW_SAMPLES / 2)
    loudest = Math.max(loudest, loudnessOf(samples.subarray(at, at + WINDOW_SAMPLES)));
  return loudest;
};

/** Louder than breath and keys, quieter than speech. */
const SPEAKING_FROM = 0.45;
/** Looks: over the pauses between words the ring stays, so that it does not flicker. */
const HOLD_LOOKS = 6;

/** Hears each look's loudness; says whether somebody speaks. */
export const makeSpeaking = (): ((loudness: number) => boolean) => {
  let quietLooks = HOLD_LOOKS;
  return (loudness) => {
    quietLooks = loudness >= SPEAKING_FROM ? 0 : quietLooks + 1;
    return quietLooks < HOLD_LOOKS;
  };
};

/** Watches how loud audio tracks are. */
export class Levels {
  readonly #clock: Clock;
  readonly #context = new AudioContext();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Browsers let sound be processed only after a person did something. */
  resume(): void {
    if (this.#context.state === 'suspended') void this.#context.resume().catch(() => {});
  }

  /** `onLevel` hears the loudness from time to time, until the returned function is called. */
  watch(track: MediaStreamTrack, onLevel: (loudness: number) => void): () => void {
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(this.#context, { fftSize: HEARD_SAMPLES });
    source.connect(analyser);
    const samples = new Float32Array(HEARD_SAMPLES);
    const cancel = this.#clock.every(LOOK_EVERY_MS, () => {
      analyser.getFloatTimeDomainData(samples);
      onLevel(loudestOf(samples));
    });
    return () => {
      cancel();
      source.disconnect();
    };
  }
}
