/** `burst`: what an idle client may spend at once. `perSecond`: what it regains. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Bucket {
  readonly level: number;
  readonly atMs: number;
}

export const fullBucket = (rate: Rate, nowMs: number): Bucket => ({ level: rate.burst, atMs: nowMs });

/** The bucket after `cost` was taken, or `undefined` where it does not hold that much. */
export const take = (bucket: Bucket, rate: Rate, cost: number, nowMs: number): Bucket | undefined => {
  const regained = (Math.max(0, nowMs - bucket.atMs) / 1_000) * rate.perSecond;
  const level = Math.min(rate.burst, bucket.level + regained) - cost;
  return level < 0 ? undefined : { level, atMs: nowMs };
};

/** Large messages cost more to scan and check than small ones: one unit for each started piece of this size. */
const BYTES_PER_UNIT = 4_096;

export const costOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / BYTES_PER_UNIT));
