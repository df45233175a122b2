import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { NOW } from '../../test/support/people.ts';
import { end, startProgram } from '../program.ts';
import { seededRandom } from '../random.ts';
import { join, leave } from './changes.ts';
import { Public, type Venue } from './people.ts';
import type { Case } from './results.ts';
import { Stage } from './stage.ts';
import { type Storm, storm } from './storm.ts';
import type { Suite } from './suites.ts';
import { type Together, together } from './together.ts';

interface ChangesOrder {
  readonly kind: 'changes';
  readonly suite: Suite;
  readonly size: number;
  /** Of leaves, and of joins. */
  readonly count: number;
  readonly seed: number;
}

interface TogetherOrder {
  readonly kind: 'together';
  readonly suite: Suite;
  readonly size: number;
  readonly count: number;
}

interface StormOrder {
  readonly kind: 'storm';
  readonly suite: Suite;
  readonly here: number;
  readonly coming: number;
  readonly withinMs: number;
}

export type Order = ChangesOrder | TogetherOrder | StormOrder;

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
const changesOf = ({ suite, size, count, seed }: ChangesOrder): Promise<Case> => {
  const random = seededRandom(seed);
  return withRelay(size + count, suite, async (people, venue) => {
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
};

const stormOf = ({ suite, here, coming, withinMs }: StormOrder): Promise<Storm> =>
  withRelay(here + coming, suite, (people, venue) =>
    storm(people, venue, {
      suite,
      cast: { size: here, real: STORM_REAL },
      coming,
      withinMs,
      realEvery: STORM_REAL_EVERY,
    }),
  );

const togetherOf = ({ suite, size, count }: TogetherOrder): Promise<Together> =>
  // The founder beside them, and those who come.
  withRelay(size + 1 + count, suite, (people, venue) =>
    together(people, venue, { suite, size, count: Math.min(count, size - 2) }),
  );

/** What a process of its own measures. */
const CASES = { changes: changesOf, together: togetherOf, storm: stormOf } as const;

export type Found<O extends Order> = Awaited<ReturnType<(typeof CASES)[O['kind']]>>;

export const measure = <O extends Order>(order: O): Promise<Found<O>> =>
  (CASES[order.kind] as (one: Order) => Promise<Found<O>>)(order);
