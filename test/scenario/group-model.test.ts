import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../bench/random.ts';
import { DEFAULT_MLS_SUITE, type MlsSuite } from '../../src/e2ee/mls/suites.ts';
import { type Faults, GroupWorld, NO_FAULTS } from '../support/group-world.ts';

/** The long form: `BELFRY_GROUP_SEEDS=100`. */
const SEEDS = Number(process.env.BELFRY_GROUP_SEEDS ?? 2);
const MOVES = 24;
const MAX_PEOPLE = 8;

const WORLDS: Readonly<Record<string, Faults>> = {
  calm: NO_FAULTS,
  'with silent committers': { ...NO_FAULTS, silent: 0.3 },
  'with connections that break': { ...NO_FAULTS, broken: 0.08, blobless: 0.3 },
  'with commits that nobody accepts': { ...NO_FAULTS, invalid: 0.15 },
  'with all of it': { broken: 0.02, silent: 0.1, invalid: 0.1, blobless: 0.05 },
};

/** What people are told where it goes wrong; that it did is what makes the rest worth something. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'with commits that nobody accepts': ['mls.malformed', 'group.rejected', 'repaired'],
};

const live = async (seed: number, faults: Faults, suite: MlsSuite, moves: number): Promise<string[]> => {
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
      await world.settle();
      world.faults = faults;
    }
  }
  return [...world.people.values(), ...world.gone].flatMap(({ events }) =>
    events.map((event) => (event.kind === 'trouble' ? event.code : event.kind)),
  );
};

/** What people were told, over all seeds. */
const liveAll = async (faults: Faults): Promise<Set<string>> => {
  const said = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      for (const what of await live(seed, faults, 'x25519', MOVES)) said.add(what);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  return said;
};

describe('a meeting’s group, after people came and went', () => {
  for (const [name, faults] of Object.entries(WORLDS))
    test(`${name}: all who are there share epoch, code and key, and nobody else has it`, async () => {
      const said = await liveAll(faults);
      if (name === 'calm') assert.deepEqual([...said], ['epoch', 'hall'], 'nothing goes wrong by itself');
      for (const what of EXPECTED[name] ?? []) assert.ok(said.has(what), `nobody says ${what}`);
    });

  test('the default suite: eight come, two go', async () => {
    const world = new GroupWorld(seededRandom(3), DEFAULT_MLS_SUITE);
    for (let i = 0; i < 8; i++) await world.enter();
    await world.settle();
    for (const person of [...world.people.values()].slice(0, 2)) world.leave(person);
    await world.settle();
  });
});
