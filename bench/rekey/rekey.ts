import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { NOW } from '../../test/support/people.ts';
import { end, startProgram } from '../program.ts';
import { type Random, seededRandom } from '../random.ts';
import { rowsOf } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { join, leave } from './changes.ts';
import { Public, type Venue } from './people.ts';
import { pictureOf } from './picture.ts';
import { Progress, sumOf, workOf } from './progress.ts';
import { type Case, notesOf, seriesOf } from './results.ts';
import { Stage } from './stage.ts';
import { type Storm, storm } from './storm.ts';
import { SUITES, type Suite } from './suites.ts';
import { type Together, together } from './together.ts';

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

/** Members with a device, where there are so many: one commits, ten follow. */
const REAL = 11;
/** While many come all who compute do so at once here: few of them, as the rest of a meeting has processors of its own. */
const STORM_REAL = 2;
const STORM_REAL_EVERY = 20;
/** Whoever founded the group has no device any more, and somebody has to leave. */
const AT_LEAST_TAKERS = 2;

type Use<T> = (people: Public, venue: Venue) => Promise<T>;

/** A relay of its own for each case: what one leaves behind burdens no other. */
const withRelay = async <T>(people: number, suite: Suite, use: Use<T>): Promise<T> => {
  const home = mkdtempSync(joinPath(tmpdir(), 'belfry-bench-rekey-'));
  try {
    const folder = joinPath(home, 'public');
    const officials = await Public.open(folder, people);
    const args = [joinPath(home, 'relay'), folder, String(NOW)];
    const relay = await startProgram('bench/rekey/relay.ts', args, /(\{.*\})\n/);
    try {
      const { origin } = JSON.parse(relay.found) as { origin: string };
      return await use(officials, await officials.convene(origin, suite));
    } finally {
      await end(relay);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

/** One leaves and another comes, again and again: the size stays, and the committer changes. */
const changesOf = (suite: Suite, size: number, count: number, random: Random): Promise<Case> =>
  withRelay(size + count, suite, async (people, venue) => {
    const real = Math.min(REAL, size - AT_LEAST_TAKERS);
    const stage = await Stage.open(people, venue, { size, real });
    const found: Case = { suite, size, real, leaves: [], joins: [], retries: 0, problems: [] };
    try {
      await stage.explaining(async () => {
        for (let i = 0; i < count; i++) {
          const committer = stage.reals[i % real];
          const leaver = stage.takers[1 + random.below(stage.takers.length - 1)];
          if (committer === undefined || leaver === undefined) throw new Error('nobody is left');
          found.leaves.push(await leave(stage, committer, leaver));
          found.joins.push(await join(stage, committer));
        }
      });
    } finally {
      found.retries = stage.retries;
      found.problems.push(...stage.problems);
      stage.end();
    }
    return found;
  });

const stormOf = (suite: Suite, { here, coming, withinMs }: (typeof PLAN)[keyof typeof PLAN]) =>
  withRelay(here + coming, suite, (people, venue) =>
    storm(people, venue, {
      suite,
      cast: { size: here, real: STORM_REAL },
      coming,
      withinMs,
      realEvery: STORM_REAL_EVERY,
    }),
  );

const togetherOf = (suite: Suite, size: number, changes: number) =>
  withRelay(size + changes, suite, (people, venue) =>
    together(people, venue, { suite, size, count: Math.min(changes, size - 2) }),
  );

const run = async ({ quick, seed }: BenchOptions): Promise<Measured> => {
  const plan = quick ? PLAN.quick : PLAN.full;
  const random = seededRandom(seed);
  const progress = new Progress(
    SUITES.length *
      (sumOf(plan.sizes.map(workOf)) + sumOf(plan.together.map(workOf)) + workOf(plan.here + plan.coming)),
  );
  const [cases, all, storms]: [Case[], Together[], Storm[]] = [[], [], []];
  for (const suite of SUITES) {
    for (const size of plan.sizes)
      cases.push(
        await progress.of(`${size} members, ${suite}`, workOf(size), () =>
          changesOf(suite, size, size < LARGE ? plan.changes : CHANGES_IN_LARGE, random),
        ),
      );
    for (const size of plan.together)
      all.push(
        await progress.of(`${size} together, ${suite}`, workOf(size), () =>
          togetherOf(suite, size, plan.changes),
        ),
      );
    storms.push(
      await progress.of(`${plan.coming} come, ${suite}`, workOf(plan.here + plan.coming), () =>
        stormOf(suite, plan),
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
