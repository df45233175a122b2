import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from './deadline.ts';
import type { Public, Venue } from './people.ts';
import { type Cast, Stage } from './stage.ts';
import type { Suite } from './suites.ts';
import { agreementOf } from './tree.ts';

/** Many come into a meeting that is under way. */
export interface Storm {
  readonly suite: Suite;
  readonly here: number;
  readonly coming: number;
  readonly withinMs: number;
  /** Of each, from the planned moment of its arrival until the group's keys are with it. */
  readonly insideMs: readonly number[];
  /** From the first arrival until the last one is inside. */
  readonly lastInsideMs: number;
  readonly problems: readonly string[];
}

export interface StormPlan {
  readonly suite: Suite;
  readonly cast: Cast;
  readonly coming: number;
  readonly withinMs: number;
  /** Of those who come, every so manyth has a device. */
  readonly realEvery: number;
}

/**
 * Arrivals come at their planned times, whatever became of those before; each shows its certificate, brings a key package and is
 * added. Who has a device is inside when it seals; who has none when its Welcome and the tree are there.
 */
export const storm = async (
  people: Public,
  venue: Venue,
  { suite, cast, coming, withinMs, realEvery }: StormPlan,
): Promise<Storm> => {
  const stage = await Stage.open(people, venue, cast);
  // By turns, as the relay asks members; its question may be here sooner, by another's socket, than the commit before it.
  stage.onAsked = (asked) => {
    const committer = stage.reals[asked.epoch % cast.real];
    void committer?.opened(asked.epoch).then(() => committer.hear(asked));
  };
  const startMs = performance.now();
  const arrive = async (i: number): Promise<number> => {
    const plannedMs = startMs + (i * withinMs) / coming;
    await sleep(Math.max(0, plannedMs - performance.now()));
    const inside = i % realEvery === 0 ? realInside(stage) : takerInside(stage);
    return (await within(() => `arrival ${i} of ${coming} to be inside`, inside)) - plannedMs;
  };
  try {
    const insideMs = await stage.explaining(() =>
      Promise.all(Array.from({ length: coming }, (_, i) => arrive(i))),
    );
    const ends = insideMs.map((ms, i) => ms + (i * withinMs) / coming);
    const { problems } = stage;
    return {
      suite,
      here: cast.size,
      coming,
      withinMs,
      insideMs,
      lastInsideMs: Math.max(...ends),
      problems,
    };
  } finally {
    stage.end();
  }
};

const realInside = async (stage: Stage): Promise<number> => {
  const real = await stage.makeReal(await stage.guest());
  stage.newcomers.push(real);
  const sealing = new Promise<number>((resolve) => {
    real.onSeal = () => resolve(performance.now());
  });
  await real.sit();
  return sealing;
};

const takerInside = async (stage: Stage): Promise<number> => {
  const guest = await stage.guest();
  const keyPackage = await (await agreementOf(guest.owner)).keyPackage();
  const taker = await stage.seatTaker(guest);
  const welcomed = new Promise<number>((resolve) => {
    taker.onWelcome = (_, atMs) => resolve(atMs);
  });
  await taker.say({ kind: 'enter', keyPackage: await taker.blobs.put(keyPackage) });
  return welcomed;
};
