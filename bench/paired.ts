import type { Random } from './random.ts';
import { percentile } from './stats.ts';

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of rounds that both have, what `values` is above `basis`. */
export const differences = (values: readonly number[], basis: readonly number[]): number[] =>
  values.flatMap((value, round) => {
    const base = basis[round];
    return base === undefined ? [] : [value - base];
  });

const RESAMPLES = 10_000;

/** Means of as many values drawn from `values` with putting back: how a mean of so few would spread (Efron 1979). */
export const resampledMeans = (values: readonly number[], random: Random, times = RESAMPLES): number[] =>
  Array.from({ length: times }, () =>
    meanOf(values.map(() => values[random.below(values.length)] ?? Number.NaN)),
  );

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The mean of `values`, and what the share `confidence` of resampled means lies between. `values` is not empty. */
export const meanWithInterval = (
  values: readonly number[],
  resampled: readonly number[],
  confidence: number,
): Interval => {
  const sorted = resampled.toSorted((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { mean: meanOf(values), low: percentile(sorted, tail), high: percentile(sorted, 1 - tail) };
};
