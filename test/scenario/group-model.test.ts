import { describe, test } from 'node:test';
import { seededRandom } from '../../bench/random.ts';
import type { MlsSuite } from '../../src/e2ee/mls/suites.ts';
import { type Faults, GroupWorld, NO_FAULTS } from '../support/group-world.ts';

/** The long form: `BELFRY_GROUP_SEEDS=100`. */
const SEEDS = Number(process.env.BELFRY_GROUP_SEEDS ?? 2);
const MOVES = 24;
const MAX_PEOPLE = 8;

const WORLDS: Readonly<Record<string, Faults>> = {
  calm: NO_FAULTS,
  'with silent committers': { ...NO_FAULTS, silent: 0.3 },
  'with connections that break': { ...NO_FAULTS, broken: 0.03, blobless: 0.1 },
  'with commits that nobody accepts': { ...NO_FAULTS, invalid: 0.15 },
  'with all of it': { broken: 0.02, silent: 0.1, invalid: 0.1, blobless: 0.05 },
};

const live = async (seed: number, faults: Faults, suite: MlsSuite, moves: number): Promise<void> => {
  const random = seededRandom(seed);
  const world = new GroupWorld(random, suite);
  world.faults = faults;
  for (let move = 1; move <= moves; move++) {
    const person = world.pick();
    const comes = world.people.size < 2 || (world.people.size < MAX_PEOPLE && random.below(5) < 3);
    if (comes) await world.enter();
    else if (person !== undefined) world.leave(person);
    await world.run(random.below(900));
    if (move % (moves / 2) === 0) {
      const took = await world.settle();
      if (process.env.BELFRY_GROUP_SAY) console.log('settled', seed, took, world.describe());
      world.faults = faults;
    }
  }
};

describe('a meeting’s group, after people came and went', () => {
  for (const [name, faults] of Object.entries(WORLDS))
    test(`${name}: all who are there share epoch, code and key, and nobody else has it`, async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        try {
          await live(seed, faults, 'x25519', MOVES);
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    });

  test('the default suite', () => live(1, WORLDS['with all of it'] ?? NO_FAULTS, 'x-wing', 8));
});
