import type { Random } from '../../random.ts';
import type { Arrivals } from './schema.ts';

const MS_PER_S = 1_000;

/** A gap of a Poisson process, or any other time without memory. */
export const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random.fraction());

/** When the nth person comes while the rate rises evenly, and stays at its height: the sum of arrivals, solved for time. */
const onRamp = (n: number, { fromPerSecond: from, toPerSecond: to, overSeconds }: Ramp): number => {
  const onSlope = ((from + to) / 2) * overSeconds;
  if (n > onSlope) return overSeconds + (n - onSlope) / to;
  const steepness = (to - from) / overSeconds;
  if (steepness === 0) return n / to;
  return (Math.sqrt(from * from + 2 * steepness * n) - from) / steepness;
};

type Ramp = Extract<Arrivals, { kind: 'ramp' }>;

type Times = {
  readonly [K in Arrivals['kind']]: (
    plan: Extract<Arrivals, { kind: K }>,
    count: number,
    random: Random,
  ) => number[];
};

const each = (count: number, of: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => of(i));

const SECONDS: Times = {
  // Whoever comes after the last planned time comes with it.
  planned: ({ atSeconds }, count) => each(count, (i) => atSeconds[Math.min(i, atSeconds.length - 1)] ?? 0),
  constant: ({ perSecond }, count) => each(count, (i) => i / perSecond),
  ramp: (plan, count) => each(count, (i) => onRamp(i, plan)),
  spike: ({ withinSeconds }, count, random) => each(count, () => random.fraction() * withinSeconds),
  poisson: ({ perSecond }, count, random) => {
    let at = 0;
    return each(count, () => {
      at += exponential(1 / perSecond, random);
      return at;
    });
  },
};

/** When `count` people come, in milliseconds, the first first. The same for the same seed. */
export const arrivalTimesMs = <K extends Arrivals['kind']>(
  plan: Extract<Arrivals, { kind: K }>,
  count: number,
  random: Random,
): number[] => {
  const times: Times[K] = SECONDS[plan.kind as K];
  return times(plan, count, random)
    .map((seconds) => seconds * MS_PER_S)
    .sort((a, b) => a - b);
};
