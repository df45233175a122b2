import { performance } from 'node:perf_hooks';
import { asking } from './changes.ts';
import type { Public, Venue } from './people.ts';
import { Stage } from './stage.ts';
import type { Suite } from './suites.ts';

/** Everybody who stays has a device, on this one machine: what it takes on the wall's clock. */
export interface Together {
  readonly suite: Suite;
  readonly size: number;
  /** Until the last member seals, since somebody left. */
  readonly leavesMs: readonly number[];
  /** The same since somebody asked to be let in. */
  readonly joinsMs: readonly number[];
  readonly problems: readonly string[];
}

interface Plan {
  readonly suite: Suite;
  readonly size: number;
  /** Of those who leave, one after the other, and then as many come. */
  readonly count: number;
}

export const together = async (
  people: Public,
  venue: Venue,
  { suite, size, count }: Plan,
): Promise<Together> => {
  // Whoever founded the group has no device any more; who is to leave needs none.
  const real = size - count;
  const stage = await Stage.open(people, venue, { size: size + 1, real });
  const [leavesMs, joinsMs]: [number[], number[]] = [[], []];
  try {
    await stage.explaining(async () => {
      for (let i = 0; i < count; i++) leavesMs.push(await leave(stage, i));
      for (let i = 0; i < count; i++) joinsMs.push(await join(stage, i));
    });
    return { suite, size, leavesMs, joinsMs, problems: stage.problems };
  } finally {
    stage.end();
  }
};

const leave = (stage: Stage, i: number): Promise<number> => {
  const leaver = stage.takers.pop();
  if (leaver === undefined) throw new Error('nobody is left');
  return lastSealsAfter(stage, i, () => leaver.leave());
};

/** Whoever comes computes nothing: it takes the bytes and says that it is ready. */
const join = async (stage: Stage, i: number): Promise<number> => {
  const { joiner, ask } = await asking(stage);
  const lastMs = await lastSealsAfter(stage, i, ask);
  stage.takers.push(joiner);
  return lastMs;
};

const lastSealsAfter = async (stage: Stage, i: number, begin: () => Promise<void>): Promise<number> => {
  const committer = stage.reals[i % stage.reals.length];
  if (committer === undefined) throw new Error('nobody is left');
  stage.onAsked = (asked) => committer.hear(asked);
  const epoch = stage.epoch + 1;
  const startMs = performance.now();
  await begin();
  await stage.sealed.reached(epoch, stage.reals.length);
  stage.epoch = epoch;
  const lastMs = Math.max(...stage.sealed.times(epoch)) - startMs;
  await stage.everybodyTook(epoch);
  return lastMs;
};
