import assert from 'node:assert/strict';
import { seededRandom } from '../../bench/random.ts';
import type { Group } from '../../src/e2ee/mls/port.ts';
import { GroupWorld, type Person } from './group-world.ts';

export const at = (people: readonly Person[], i: number): Person => {
  const person = people[i];
  assert.ok(person !== undefined);
  return person;
};

/** A meeting of `size`, whose tree is filled: nothing is due any more. */
export const meeting = async (size: number): Promise<{ world: GroupWorld; people: Person[] }> => {
  const world = new GroupWorld(seededRandom(size));
  for (let i = 0; i < size; i++) await world.enter();
  await world.settle();
  await world.run(1_500 * size);
  await world.settle();
  return { world, people: [...world.people.values()] };
};

export const groupOf = (person: Person): Group => {
  const group = person.groups.at(-1);
  assert.ok(group !== undefined);
  return group;
};
