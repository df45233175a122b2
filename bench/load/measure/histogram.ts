import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { Summary } from '../../stats.ts';

const US_PER_MS = 1_000;
/** An hour: nothing that a run waits for is longer. */
const HIGHEST_US = 3_600_000_000;
const BUCKET_BITS = 32;

const newHistogram = (): Histogram =>
  build({
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: BUCKET_BITS,
  });

/** Durations in milliseconds, kept to three digits (an HDR histogram of microseconds). */
export class Durations {
  readonly #histogram: Histogram;

  constructor(histogram: Histogram = newHistogram()) {
    this.#histogram = histogram;
  }

  static decoded(text: string): Durations {
    return new Durations(decodeFromCompressedBase64(text, BUCKET_BITS));
  }

  add(ms: number): void {
    this.#histogram.recordValue(Math.min(HIGHEST_US, Math.max(0, Math.round(ms * US_PER_MS))));
  }

  merge(other: Durations): void {
    this.#histogram.add(other.#histogram);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** `share` from 0 to 1. */
  at(share: number): number {
    return this.#histogram.getValueAtPercentile(share * 100) / US_PER_MS;
  }

  /** In milliseconds; `undefined` where nothing was measured. */
  summary(): Summary | undefined {
    if (this.count === 0) return undefined;
    return {
      n: this.count,
      min: this.at(0),
      p50: this.at(0.5),
      p95: this.at(0.95),
      p99: this.at(0.99),
      max: this.at(1),
    };
  }

  /** In the form that other tools of HDR histograms read. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }
}
