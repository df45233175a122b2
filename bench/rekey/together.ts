import { performance } from 'node:perf_hooks';
import type { Public, Venue } from './people.ts';
import { Stage } from './stage.ts';
import type { Suite } from './suites.ts';

/** Everybody who stays has a device, on this one machine: what it takes on the wall's clock. */
export interface Together {
  readonly suite: Suite;
  readonly size: number;
  readonly lastSealsMs: readonly number[];
  readonly problems: readonly string[];
}

interface Plan {
  readonly suite: Suite;
  readonly size: number;
  /** Of those who leave, one after the other. */
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
  const lastSealsMs: number[] = [];
  try {
    await stage.explaining(async () => {
      for (let i = 0; i < count; i++) lastSealsMs.push(await lastSealsAfter(stage, i));
    });
    return { suite, size, lastSealsMs, problems: stage.problems };
  } finally {
    stage.end();
  }
};

const lastSealsAfter = async (stage: Stage, i: number): Promise<number> => {
  const leaver = stage.takers.pop();
  const committer = stage.reals[i % stage.reals.length];
  if (leaver === undefined || committer === undefined) throw new Error('nobody is left');
  stage.onAsked = (asked) => committer.hear(asked);
  const epoch = stage.epoch + 1;
  const startMs = performance.now();
  await leaver.leave();
  await stage.sealed.reached(epoch, stage.reals.length);
  stage.epoch = epoch;
  const lastMs = Math.max(...stage.sealed.times(epoch)) - startMs;
  await stage.everybodyTook(epoch);
  return lastMs;
};
