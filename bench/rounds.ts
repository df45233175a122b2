import type { Random } from './random.ts';

/** Something to be timed: `run` does it `times` times, one after another. */
export interface Subject {
  readonly case: string;
  /** Not timed, before each `run` with the same `times`. */
  prepare?(times: number): void;
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
const NS_PER_US = 1e3;
/** Calls before the first sample, so that the compiler has done its work. */
const WARM_UP_MS = 150;

/** Nanoseconds: as the clock says, and as all threads of the process were running, the collector's among them. */
interface Timing {
  readonly wallNs: number;
  readonly cpuNs: number;
}

const timeRun = async (subject: Subject, times: number): Promise<Timing> => {
  subject.prepare?.(times);
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  const later = subject.run(times);
  if (later !== undefined) await later;
  const wallNs = Number(process.hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(before);
  return { wallNs, cpuNs: (user + system) * NS_PER_US };
};

/** How many calls fill a sample, found by doubling while warming up. */
const calibrate = async (subject: Subject, sampleMs: number): Promise<number> => {
  let times = 1;
  let spentNs = 0;
  let lastNs = 0;
  while (spentNs < WARM_UP_MS * NS_PER_MS) {
    lastNs = (await timeRun(subject, times)).cpuNs;
    spentNs += Math.max(lastNs, NS_PER_US);
    if (lastNs < sampleMs * NS_PER_MS) times *= 2;
  }
  return Math.max(1, Math.round((times * sampleMs * NS_PER_MS) / Math.max(lastNs, 1)));
};

/** Nanoseconds per call, one value per round. */
export interface Samples {
  readonly wallNs: readonly number[];
  /** Another program on the same cores disturbs this far less than the clock's time. */
  readonly cpuNs: readonly number[];
}

/**
 * Samples of every subject by its case, in the order of the rounds. Every round times all subjects, in a random order, so
 * that what disturbs the machine disturbs all alike and samples of one round can be divided.
 */
export const interleaved = async (
  subjects: readonly Subject[],
  { rounds, sampleMs, random }: RoundsOptions,
): Promise<ReadonlyMap<string, Samples>> => {
  const plans = [];
  for (const subject of subjects) {
    const samples = { wallNs: [] as number[], cpuNs: [] as number[] };
    plans.push({ subject, times: await calibrate(subject, sampleMs), samples });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { subject, times, samples } of random.shuffled(plans)) {
      const { wallNs, cpuNs } = await timeRun(subject, times);
      samples.wallNs.push(wallNs / times);
      samples.cpuNs.push(cpuNs / times);
    }
  }
  return new Map(plans.map(({ subject, samples }) => [subject.case, samples]));
};
