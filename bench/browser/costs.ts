import type { Series } from '../rows.ts';
import { summarize } from '../stats.ts';
import type { CostSamples, CostSubject } from './page/api.ts';
import type { Person } from './theatre.ts';

/*
 * Sealing and opening in a worker of the browser, beside the bare cipher. A browser's clock ticks every 5 us at best: a
 * sample is the mean over frames one after another, and their time is that until the browser's answer, hops between its
 * threads included. Hence no cost of the CPU, which a page cannot read.
 */

const SIZES = [
  { label: '100 B', bytes: 100 },
  { label: '1 KB', bytes: 1024 },
  { label: '5 KB', bytes: 5 * 1024 },
  { label: '30 KB', bytes: 30 * 1024 },
  { label: '100 KB', bytes: 100 * 1024 },
] as const;

/** 200 us of the smallest: forty ticks of the clock. */
const FRAMES_PER_SAMPLE = 20;
const ROUNDS = { full: 300, quick: 40 } as const;
/** Where `bare` differs from itself by more, at its median over all rounds, the machine was too busy. */
const MAX_NOISE = 0.1;

const TIME = { measure: 'time per frame', unit: 'us' } as const;

export const sizeLabel = (bytes: number): string =>
  SIZES.find((size) => size.bytes === bytes)?.label ?? `${bytes} B`;

const caseOf = (size: number, subject: CostSubject): string => `${sizeLabel(size)} ${subject}`;

export const measureCosts = (person: Person, quick: boolean, seed: number): Promise<readonly CostSamples[]> =>
  person.costs({
    seed,
    rounds: quick ? ROUNDS.quick : ROUNDS.full,
    framesPerSample: FRAMES_PER_SAMPLE,
    sizes: SIZES.map(({ bytes }) => bytes),
  });

export const costSeries = (costs: readonly CostSamples[]): Series[] =>
  costs.map(({ size, subject, samplesUs }) => ({
    ...TIME,
    case: caseOf(size, subject),
    samples: samplesUs,
    ...(subject === 'bare' ? {} : { against: caseOf(size, 'bare') }),
  }));

const medianUs = (costs: readonly CostSamples[], size: number, subject: CostSubject): number =>
  summarize(costs.find((one) => one.size === size && one.subject === subject)?.samplesUs ?? [])?.p50 ??
  Number.NaN;

/** By how much of itself `bare` differs from `bare again`. */
const noiseAt = (costs: readonly CostSamples[], size: number): number =>
  Math.abs(medianUs(costs, size, 'bare again') / medianUs(costs, size, 'bare') - 1);

export const costFault = (costs: readonly CostSamples[]): string | undefined => {
  const noisy = SIZES.filter(({ bytes }) => !(noiseAt(costs, bytes) <= MAX_NOISE)).map(({ label }) => label);
  if (noisy.length === 0) return undefined;
  return `bare differed from itself by more than ${100 * MAX_NOISE} % at ${noisy.join(', ')}: the machine was busy`;
};

export const costNotes = (costs: readonly CostSamples[]): string[] => [
  ...SIZES.map(({ label, bytes }) => {
    const [bare, seal, open] = (['bare', 'seal', 'open'] as const).map((subject) =>
      medianUs(costs, bytes, subject),
    );
    return `${label}: seal ${seal?.toFixed(1)} us, open ${open?.toFixed(1)} us, bare ${bare?.toFixed(1)} us a frame (p50)`;
  }),
  `A sample of the costs is the mean over ${FRAMES_PER_SAMPLE} frames: the browser's clock ticks every 5 us.`,
];
