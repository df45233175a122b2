import assert from 'node:assert/strict';
import { type Random, seededRandom } from '../../bench/random.ts';
import type { Group, OwnCommit } from '../../src/e2ee/mls/port.ts';
import type { MlsSuite } from '../../src/e2ee/mls/suites.ts';
import { accepted, anybody, contextOf, device, epochOf } from './mls-device.ts';

export interface Walk {
  readonly suite: MlsSuite;
  readonly seed: number;
  readonly steps: number;
  readonly members: number;
}

export interface Walked {
  readonly joins: number;
  readonly leaves: number;
  /** Steps of the committer's path alone. */
  readonly updates: number;
  /** Steps that ended with all the members that were allowed. */
  readonly timesFull: number;
}

/** How many may be here, and how many of them come at once. */
interface Tide {
  readonly members: number;
  readonly atOnce: number;
}

/*
 * A step costs what it costs one member, times the members, as all of them compute here. So the meeting is small for most of the
 * time, and every hundred steps it floods to its full size and ebbs: large trees with holes, and large commits both ways.
 */
const CYCLE = 100;
const FLOOD = 15;
const CALM = { members: 12, atOnce: 3 };
const FLOOD_AT_ONCE = 16;

const tideOf = (step: number, members: number): Tide => {
  const isFlood = step % CYCLE >= CYCLE - FLOOD;
  if (isFlood) return { members, atOnce: FLOOD_AT_ONCE };
  return { ...CALM, members: Math.min(CALM.members, members) };
};

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
  readonly counted = { joins: 0, leaves: 0, updates: 0 };
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

  get size(): number {
    return this.#people.length;
  }

  async step(tide: Tide): Promise<void> {
    const committer = this.#pick(this.#people);
    const change = this.#draw(committer, tide);
    this.#count(change);
    await this.#commit(committer, change);
    await this.#check();
  }

  #count({ joining, leaving }: Change): void {
    this.counted.joins += joining;
    this.counted.leaves += leaving.length;
    if (joining + leaving.length === 0) this.counted.updates += 1;
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[this.#random.below(from.length)];
    assert.ok(one !== undefined);
    return one;
  }

  /** Joins twice as often as leaves, so that meetings grow, shrink at their bound, and have holes all the time; else an update. */
  #draw(committer: Person, { members, atOnce }: Tide): Change {
    const free = Math.max(0, members - this.size);
    const others = this.#people.filter((one) => one !== committer);
    const dice = this.#random.below(6);
    const joining = dice < 3 ? Math.min(free, 1 + this.#random.below(atOnce)) : 0;
    const leaves = dice === 2 || dice === 3 || (dice < 3 && free === 0);
    const tooMany = Math.max(3, this.size - members);
    const wanted = leaves ? 1 + this.#random.below(tooMany) : 0;
    return { joining, leaving: this.#random.shuffled(others).slice(0, wanted) };
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

/** Throws at the first step after which any two members disagree, or anybody was refused. */
export const walk = async ({ suite, seed, steps, members }: Walk): Promise<Walked> => {
  const meeting = new Meeting(suite, seed);
  await meeting.open();
  let timesFull = 0;
  for (let i = 0; i < steps; i++) {
    await meeting.step(tideOf(i, members));
    if (meeting.size === members) timesFull += 1;
  }
  return { ...meeting.counted, timesFull };
};
