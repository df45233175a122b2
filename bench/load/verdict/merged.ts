import {
  COUNTS,
  type CountName,
  type Counts,
  MEASURES,
  type Measure,
  type Second,
} from '../crew/messages.ts';
import { Durations } from '../measure/histogram.ts';

const zeroes = (): { [C in CountName]: number } =>
  Object.fromEntries(COUNTS.map((name) => [name, 0])) as { [C in CountName]: number };

export const sumCounts = (all: readonly Counts[]): Counts => {
  const sums = zeroes();
  for (const counts of all) for (const name of COUNTS) sums[name] += counts[name];
  return sums;
};

export const durationsOf = (seconds: readonly Second[], measure: Measure): Durations => {
  const all = new Durations();
  for (const { durations } of seconds) {
    const text = durations[measure];
    if (text !== undefined) all.merge(Durations.decoded(text));
  }
  return all;
};

/** One second of all processes together. */
export interface MergedSecond {
  readonly second: number;
  readonly added: Counts;
  readonly present: number;
  readonly durations: ReadonlyMap<Measure, Durations>;
}

/** In their order; processes that ended early are missing from later ones. */
export const mergeSeconds = (crews: readonly (readonly Second[])[]): MergedSecond[] => {
  const length = Math.max(0, ...crews.map((seconds) => seconds.length));
  return Array.from({ length }, (_, second) => {
    const here = crews.flatMap((seconds) => seconds[second] ?? []);
    return {
      second,
      added: sumCounts(here.map(({ added }) => added)),
      present: here.reduce((sum, { present }) => sum + present, 0),
      durations: new Map(MEASURES.map((name) => [name, durationsOf(here, name)] as const)),
    };
  });
};
