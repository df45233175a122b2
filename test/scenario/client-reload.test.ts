/** Pages that are loaded anew again and again: real clients and the real relay, on a driven clock. Whoever stays comes in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Random, seededRandom } from '../../bench/random.ts';
import { HostileMeeting, type Victim } from '../support/hostile-meeting.ts';
import { Middle } from '../support/hostile-middle.ts';
import { codeOf } from '../support/people.ts';
import { SlowPage } from '../support/slow-page.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const SEEDS = (process.env.SEEDS ?? '1,2,3').split(',').map(Number);
/** A page that is gone before it was in, within this time: a quick one would have been. */
const IMPATIENT_MS = 2_500;
const PAUSE_MS = 600;
/** What pages do takes up to so long each time: at once, as on a network, and as on one that is bad and a machine that is busy. */
const SLOW_MS = [0, 20, 150] as const;

const NAMES = ['alice', 'bob', 'carol'] as const;
type Name = (typeof NAMES)[number];
const calledBy = (name: string): string => `${name} herself`;

/** One page of somebody, until it goes. */
interface Tab {
  readonly victim: Victim;
  readonly closing: AbortController;
}

/** How a page goes: its socket closes; it says so first; or it is left open, and hears that another took its place. */
const GOES: readonly ((tab: Tab) => void)[] = [
  ({ closing }) => closing.abort(),
  ({ victim, closing }) => {
    void victim.meeting.leave();
    closing.abort();
  },
  () => {},
];

class Reloads {
  readonly #world: HostileMeeting;
  readonly #random: Random;
  readonly #tabs = new Map<Name, Tab>();

  constructor(world: HostileMeeting, seed: number) {
    this.#world = world;
    this.#random = seededRandom(seed);
  }

  get victims(): readonly Victim[] {
    return [...this.#tabs.values()].map(({ victim }) => victim);
  }

  async open(name: Name): Promise<void> {
    const closing = new AbortController();
    const victim = await this.#world.enter(name, ...this.#way(name, closing.signal));
    this.#tabs.set(name, { victim, closing });
  }

  /** Somebody loads the page anew, perhaps before it was there. */
  async round(): Promise<void> {
    const name = this.#draw(NAMES);
    this.#draw(GOES)(this.#tabs.get(name) ?? assert.fail());
    while (this.#random.below(2) === 0) await this.#impatient(name);
    await this.open(name);
    await this.#world.pass(this.#random.below(PAUSE_MS));
  }

  async #impatient(name: Name): Promise<void> {
    const gone = new AbortController();
    this.#world.door.server.clock.after(this.#random.below(IMPATIENT_MS), () => gone.abort());
    const { joined } = await this.#world.tryToEnter(name, ...this.#way(name, gone.signal));
    if (!joined.ok) assert.equal(codeOf(joined), 'meeting.closed');
    await this.#world.flow('the page is gone', () => gone.signal.aborted);
  }

  #way(name: Name, signal: AbortSignal) {
    const middle = new Middle(this.#world.stash);
    const page = new SlowPage(this.#world.door.server.clock, this.#random, this.#draw(SLOW_MS));
    const group = page.tools(middle.blobs);
    const way = { signal, name: calledBy(name), openSocket: page.socket(middle.open), group };
    return [middle, way] as const;
  }

  #draw<T>(all: readonly T[]): T {
    return all[this.#random.below(all.length)] ?? assert.fail();
  }
}

const shownTo = ({ meeting }: Victim): string[] =>
  [...meeting.state.participants.values()].map(({ name }) => name);
const shownRight = ({ meeting }: Victim): boolean =>
  [...meeting.state.participants.values()].every(({ person, name }) => name === calledBy(person ?? ''));

describe('pages that are loaded anew', { timeout: 240_000 }, () => {
  for (const seed of SEEDS)
    it(`come in each time, and are heard and named in the end (seed ${seed})`, async () => {
      const world = await HostileMeeting.open();
      const reloads = new Reloads(world, seed);
      try {
        for (const name of NAMES) await reloads.open(name);
        for (let round = 0; round < ROUNDS; round++) await reloads.round();
        const all = reloads.victims;
        await world.together(...all);
        await world.hearEachOther(...all);
        await world.flow('all are shown by their names', () => all.every(shownRight));
        assert.ok(all.every((one) => shownTo(one).length === NAMES.length - 1));
      } finally {
        await world.close();
      }
    });
});
