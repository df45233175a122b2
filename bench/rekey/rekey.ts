import { seededRandom } from '../random.ts';
import { rowsOf } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { apart } from './apart.ts';
import { pictureOf } from './picture.ts';
import { Progress, sumOf, workOf } from './progress.ts';
import { type Case, notesOf, seriesOf } from './results.ts';
import type { Storm } from './storm.ts';
import { SUITES } from './suites.ts';
import type { Together } from './together.ts';

/*
 * How long a change of keys takes, from somebody's leaving or joining until members send under the new keys. Two cores are not
 * 500 laptops: on the critical path members with a device compute one after the other, each alone, and the rest of the
 * members take the bytes and acknowledge. Beside it, to 50, everybody has a device and all compute at once on this machine.
 */

const PLAN = {
  full: {
    sizes: [10, 50, 100, 200, 500],
    together: [10, 50],
    changes: 8,
    here: 100,
    coming: 100,
    withinMs: 5_000,
  },
  quick: { sizes: [10, 25], together: [10], changes: 2, here: 10, coming: 10, withinMs: 500 },
} as const;

/** The more members, the longer a change takes to be acknowledged by all; ten who follow are sampled by each. */
const LARGE = 500;
const CHANGES_IN_LARGE = 4;
const MAX_SEED = 2 ** 31;

const run = async ({ quick, seed }: BenchOptions): Promise<Measured> => {
  const plan = quick ? PLAN.quick : PLAN.full;
  const { here, coming, withinMs } = plan;
  const random = seededRandom(seed);
  const progress = new Progress(
    SUITES.length *
      (sumOf(plan.sizes.map(workOf)) + sumOf(plan.together.map(workOf)) + workOf(here + coming)),
  );
  const [cases, all, storms]: [Case[], Together[], Storm[]] = [[], [], []];
  for (const suite of SUITES) {
    for (const size of plan.sizes)
      cases.push(
        await progress.of(`${size} members, ${suite}`, workOf(size), () =>
          apart({
            kind: 'changes',
            suite,
            size,
            count: size < LARGE ? plan.changes : CHANGES_IN_LARGE,
            seed: random.below(MAX_SEED),
          }),
        ),
      );
    for (const size of plan.together)
      all.push(
        await progress.of(`${size} together, ${suite}`, workOf(size), () =>
          apart({ kind: 'together', suite, size, count: plan.changes }),
        ),
      );
    storms.push(
      await progress.of(`${coming} come, ${suite}`, workOf(here + coming), () =>
        apart({ kind: 'storm', suite, here, coming, withinMs }),
      ),
    );
  }
  return measuredOf(cases, all, storms);
};

const measuredOf = (cases: Case[], all: Together[], storms: Storm[]): Measured => {
  const problems = [...cases, ...all, ...storms].flatMap(({ problems: some }) => some);
  return {
    rows: rowsOf(seriesOf(cases, all, storms)),
    valid: problems.length === 0,
    why:
      problems.length === 0 ? null : `members had trouble: ${[...new Set(problems)].slice(0, 5).join('; ')}`,
    notes: notesOf(cases, storms),
    drawing: pictureOf(cases),
  };
};

export const rekey: Scenario = {
  summary: 'time, bytes and processor time of a change of keys when somebody leaves or joins',
  run,
};
