/** Of samples, in their own unit. */
export interface Summary {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank: always a value that was measured. `sorted` is not empty, `share` is above 0 and at most 1. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;

/** `undefined` without samples: what was not measured has no figures. */
export const summarize = (samples: readonly number[]): Summary | undefined => {
  if (samples.length === 0) return undefined;
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => percentile(sorted, share);
  return {
    n: sorted.length,
    min: at(Number.MIN_VALUE),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
};
