import type { Random } from './random.ts';

/** Something to be timed: `run` does it `times` times, one after another. */
export interface Subject {
  readonly case: string;
  run(times: number): void | Promise<void>;
}

export interface RoundsOptions {
  readonly rounds: number;
  /** A sample is the mean over calls that take about this long: longer hides less noise of the clock, shorter lets more
   *  rounds meet the same state of the machine. */
  readonly sampleMs: number;
  readonly random: Random;
}

const NS_PER_MS = 1e6;
/** Calls before the first sample, so that the compiler has done its work. */
const WARM_UP_MS = 150;

const timeNs = async (subject: Subject, times: number): Promise<number> => {
  const start = process.hrtime.bigint();
  const later = subject.run(times);
  if (later !== undefined) await later;
  return Number(process.hrtime.bigint() - start);
};

/** How many calls fill a sample, found by doubling while warming up. */
const calibrate = async (subject: Subject, sampleMs: number): Promise<number> => {
  let times = 1;
  let spentNs = 0;
  let lastNs = 0;
  while (spentNs < WARM_UP_MS * NS_PER_MS) {
    lastNs = await timeNs(subject, times);
    spentNs += lastNs;
    if (lastNs < sampleMs * NS_PER_MS) times *= 2;
  }
  return Math.max(1, Math.round((times * sampleMs * NS_PER_MS) / Math.max(lastNs, 1)));
};

/**
 * Nanoseconds per call, one sample per round and subject, in the order of the rounds. Every round times all subjects, in
 * a random order, so that what disturbs the machine disturbs all alike and samples of one round can be divided.
 */
export const interleaved = async (
  subjects: readonly Subject[],
  { rounds, sampleMs, random }: RoundsOptions,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const plans = [];
  for (const subject of subjects) {
    plans.push({ subject, times: await calibrate(subject, sampleMs), samples: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { subject, times, samples } of random.shuffled(plans)) {
      samples.push((await timeNs(subject, times)) / times);
    }
  }
  return new Map(plans.map(({ subject, samples }) => [subject.case, samples]));
};
