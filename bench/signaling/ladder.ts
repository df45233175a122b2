import { percentile } from '../stats.ts';
import type { Step } from './arrivals.ts';

/** What takes longer is no longer taken for at once. */
const HELD_WITHIN_MS = 100;
/** Served slower than planned, a queue grows: the rest of a share is what the last arrivals take themselves. */
const HELD_SHARE = 0.95;
/** An arrival that begins later than this was made to wait by the generator, not by what is measured. */
const GENERATOR_LATE_MS = 50;

/** Rates of one climb, the lowest first. */
export const ratesOf = (first: number, factor: number, last: number): readonly number[] => {
  const rates: number[] = [];
  for (let rate = first; rate <= last; rate *= factor) rates.push(Math.round(rate));
  return rates;
};

export const isHeld = ({ ratePerSecond, servedPerSecond, latenciesMs, failed }: Step): boolean =>
  failed === 0 &&
  servedPerSecond >= HELD_SHARE * ratePerSecond &&
  percentile(
    latenciesMs.toSorted((a, b) => a - b),
    0.99,
  ) <= HELD_WITHIN_MS;

export interface Climb {
  readonly steps: readonly Step[];
  /** The highest rate up to which every step held; 0 where none did. */
  readonly kneePerSecond: number;
  /** What ended the climb. */
  readonly limit: 'served' | 'generator' | 'top';
}

const limitOf = (last: Step | undefined): Climb['limit'] => {
  if (last === undefined || isHeld(last)) return 'top';
  return last.startedLateMs > GENERATOR_LATE_MS ? 'generator' : 'served';
};

/** Climbs until a step does not hold. */
export const climb = async (
  rates: readonly number[],
  run: (ratePerSecond: number) => Promise<Step>,
): Promise<Climb> => {
  const steps: Step[] = [];
  for (const rate of rates) {
    const step = await run(rate);
    steps.push(step);
    if (!isHeld(step)) break;
  }
  const held = steps.filter(isHeld);
  return { steps, kneePerSecond: held.at(-1)?.ratePerSecond ?? 0, limit: limitOf(steps.at(-1)) };
};
