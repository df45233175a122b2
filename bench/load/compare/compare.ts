import type { Random } from '../../random.ts';
import { percentile } from '../../stats.ts';
import type { LoadResult } from '../result.ts';
import { type Compared, samplesOf } from './samples.ts';

/** Over all measures of a comparison together: with 99 of 100 pairs of equal runs, nothing is called changed. */
const CONFIDENCE = 0.99;
const DRAWS = 2_000;
/** What is measured in one second resembles the seconds beside it: as many are drawn together. */
const BLOCK = 5;
/** Of fewer values a draw knows nothing of the spread. */
const LEAST_SAMPLES = 8;

/** One measure of two runs. `low` and `high`: what the difference of B to A lies between, as far as these runs can tell. */
export interface Change {
  readonly measure: string;
  readonly unit: string;
  readonly a: number;
  readonly b: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: 'more' | 'less' | 'within noise' | 'too few to tell';
}

const STATISTICS = {
  median: (values: readonly number[]) =>
    percentile(
      values.toSorted((x, y) => x - y),
      0.5,
    ),
  mean: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
} as const;

/** As many values as there are, in runs of `BLOCK` from places drawn at random (a moving block bootstrap). */
const redrawn = (values: readonly number[], random: Random): number[] => {
  const block = Math.min(BLOCK, values.length);
  const drawn: number[] = [];
  while (drawn.length < values.length) {
    const from = random.below(values.length - block + 1);
    drawn.push(...values.slice(from, from + block));
  }
  return drawn.slice(0, values.length);
};

const changeOf = (a: Compared, b: Compared, measures: number, random: Random): Change => {
  const statistic = STATISTICS[a.by];
  const [atA, atB] = [statistic(a.samples), statistic(b.samples)];
  const base = { measure: a.measure, unit: a.unit, a: atA, b: atB };
  if (Math.min(a.samples.length, b.samples.length) < LEAST_SAMPLES)
    return { ...base, low: Number.NaN, high: Number.NaN, verdict: 'too few to tell' };
  const differences = Array.from(
    { length: DRAWS },
    () => statistic(redrawn(b.samples, random)) - statistic(redrawn(a.samples, random)),
  ).sort((x, y) => x - y);
  const tail = (1 - CONFIDENCE) / measures / 2;
  const [low, high] = [percentile(differences, tail), percentile(differences, 1 - tail)];
  return { ...base, low, high, verdict: verdictOf(low, high) };
};

const verdictOf = (low: number, high: number): Change['verdict'] => {
  if (low > 0) return 'more';
  return high < 0 ? 'less' : 'within noise';
};

/** Every measure that both runs have. */
export const changesOf = (a: LoadResult, b: LoadResult, random: Random): Change[] => {
  const ofB = new Map(samplesOf(b.load).map((one) => [one.measure, one]));
  const pairs = samplesOf(a.load).flatMap((one) => {
    const other = ofB.get(one.measure);
    return other === undefined || one.samples.length === 0 || other.samples.length === 0
      ? []
      : [{ one, other }];
  });
  return pairs.map(({ one, other }) => changeOf(one, other, pairs.length, random));
};

/** In what else the runs differ: then a change may come from there. */
export const differencesOf = (a: LoadResult, b: LoadResult): string[] => {
  const facts: readonly (readonly [string, (result: LoadResult) => unknown])[] = [
    ['scenario', ({ load }) => load.scenario],
    ['form', ({ load }) => load.form],
    ['people', ({ load }) => load.people],
    ['server', ({ load }) => ({ ...load.server, readingsMissed: 0 })],
    ['processes', ({ load }) => load.processes],
    ['seed', ({ seed }) => seed],
    ['machine', ({ machine }) => machine],
  ];
  return facts.flatMap(([name, of]) => (JSON.stringify(of(a)) === JSON.stringify(of(b)) ? [] : [name]));
};
