import { describe, test } from 'node:test';
import { type Random, seededRandom } from '../../bench/random.ts';
import { DeliveryWorld, type Faults } from '../support/delivery-world.ts';

/** Of each world. The long form: `BELFRY_DELIVERY_SEEDS=2000`. */
const SEEDS = Number(process.env.BELFRY_DELIVERY_SEEDS ?? 40);
const MOVES = 100;
const MAX_PEOPLE = 20;

const WORLDS: Readonly<Record<string, Faults>> = {
  calm: { lost: 0, silent: 0, invalid: 0, bad: 0 },
  'with silent committers': { lost: 0, silent: 0.3, invalid: 0, bad: 0 },
  'with lost messages': { lost: 0.1, silent: 0.05, invalid: 0, bad: 0 },
  'with commits that nobody accepts': { lost: 0, silent: 0, invalid: 0.15, bad: 0 },
  'with key packages that nobody finds good': { lost: 0, silent: 0, invalid: 0, bad: 0.3 },
  'with all of it': { lost: 0.05, silent: 0.1, invalid: 0.1, bad: 0.1 },
};

/** Somebody loses the group, or can seal nothing in its epoch. */
const trouble = (random: Random, world: DeliveryWorld): void => {
  const client = world.pick();
  if (client !== undefined) world[random.below(2) === 0 ? 'lose' : 'renew'](client);
};

const live = (seed: number, faults: Faults): void => {
  const random = seededRandom(seed);
  const world = new DeliveryWorld(random);
  world.faults = faults;
  for (let move = 0; move < MOVES; move++) {
    const client = world.pick();
    const comes = world.clients.size < 2 || (world.clients.size < MAX_PEOPLE && random.below(5) < 3);
    if (comes) world.enter();
    else if (client !== undefined) world.leave(client);
    if (random.below(10) === 0) world.lie();
    for (let lost = random.below(8); lost < 3; lost++) trouble(random, world);
    if (random.below(30) === 0) world.restart();
    world.run(random.below(700));
  }
  world.settle();
};

describe('the delivery service, after people came and went', () => {
  for (const [name, faults] of Object.entries(WORLDS))
    test(`${name}: everybody who is there is in the newest epoch, and nobody else`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        try {
          live(seed, faults);
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    });
});
