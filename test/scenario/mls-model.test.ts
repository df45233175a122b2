import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../bench/random.ts';
import type { Group, OwnCommit } from '../../src/e2ee/mls/port.ts';
import { DEFAULT_MLS_SUITE, type MlsSuite } from '../../src/e2ee/mls/suites.ts';
import { accepted, anybody, contextOf, device, epochOf } from '../support/mls-device.ts';

/** The figure that was asked for, in a few minutes: `BELFRY_MLS_STEPS=500 BELFRY_MLS_MEMBERS=60`. */
const STEPS = Number(process.env.BELFRY_MLS_STEPS ?? 60);
const MAX_MEMBERS = Number(process.env.BELFRY_MLS_MEMBERS ?? 24);

interface Person {
  readonly name: string;
  readonly group: Group;
}

interface Change {
  readonly joining: number;
  readonly leaving: readonly Person[];
}

/** The model: names in the meeting. What the groups say has to be the same after each step. */
class Meeting {
  readonly #suite: MlsSuite;
  readonly #random: Random;
  #people: Person[] = [];
  #serial = 0;

  constructor(suite: MlsSuite, seed: number) {
    this.#suite = suite;
    this.#random = seededRandom(seed);
  }

  async open(): Promise<void> {
    const agreement = await device('p0', this.#suite);
    this.#people = [{ name: 'p0', group: accepted(await agreement.create(contextOf(this.#suite))) }];
  }

  async step(maxMembers: number): Promise<void> {
    const committer = this.#pick(this.#people);
    await this.#commit(committer, this.#draw(committer, maxMembers));
    await this.#check();
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[this.#random.below(from.length)];
    assert.ok(one !== undefined);
    return one;
  }

  /** Joins twice as often as leaves, so that meetings grow, shrink at their bound, and have holes all the time. */
  #draw(committer: Person, maxMembers: number): Change {
    const free = maxMembers - this.#people.length;
    const others = this.#people.filter((one) => one !== committer);
    const dice = this.#random.below(6);
    const joining = dice < 3 ? Math.min(free, 1 + this.#random.below(4)) : 0;
    const wanted = dice === 2 || dice === 3 || (dice < 3 && free === 0) ? 1 + this.#random.below(3) : 0;
    const shuffled = this.#random.shuffled(others);
    return { joining, leaving: shuffled.slice(0, wanted) };
  }

  async #commit(committer: Person, { joining, leaving }: Change): Promise<void> {
    const names = Array.from({ length: joining }, () => `p${++this.#serial}`);
    const joiners = await Promise.all(names.map((name) => device(name, this.#suite)));
    const add = await Promise.all(joiners.map((joiner) => joiner.keyPackage()));
    const remove = leaving.map(({ group }) => group.ownLeaf());
    const commit = accepted(await committer.group.commit({ add, remove }, anybody));
    for (const { name, group } of this.#people) {
      if (name !== committer.name)
        accepted(await group.adopt(accepted(await group.stage(commit.message, anybody))));
    }
    accepted(await committer.group.adopt(commit));
    this.#people = this.#people.filter((one) => !leaving.includes(one));
    await Promise.all(joiners.map((joiner, i) => this.#join(joiner, names[i] ?? '', commit, i)));
  }

  async #join(
    joiner: Awaited<ReturnType<typeof device>>,
    name: string,
    commit: OwnCommit,
    i: number,
  ): Promise<void> {
    const welcome = commit.welcomes[i] ?? new Uint8Array();
    const group = accepted(await joiner.join(welcome, commit.tree, contextOf(this.#suite), anybody));
    this.#people.push({ name, group });
  }

  async #check(): Promise<void> {
    const epochs = new Set(await Promise.all(this.#people.map(({ group }) => epochOf(group))));
    assert.equal(epochs.size, 1, `${epochs.size} different epochs`);
    const expected = this.#people.map(({ name }) => name).toSorted();
    for (const { group } of this.#people) {
      const seen = group.members().map(({ certificates }) => new TextDecoder().decode(certificates[0]));
      assert.deepEqual(seen.toSorted(), expected);
    }
  }
}

const run = async (suite: MlsSuite, seed: number, steps: number, maxMembers: number): Promise<void> => {
  const meeting = new Meeting(suite, seed);
  await meeting.open();
  for (let i = 0; i < steps; i++) await meeting.step(maxMembers);
};

for (const seed of [1, 2]) {
  test(`x25519, seed ${seed}: ${STEPS} random joins, leaves and updates up to ${MAX_MEMBERS} members agree`, () =>
    run('x25519', seed, STEPS, MAX_MEMBERS));
}

test('the default suite: 20 random joins, leaves and updates up to 8 members agree', () =>
  run(DEFAULT_MLS_SUITE, 3, 20, 8));
