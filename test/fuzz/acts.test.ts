/** Acts that devices of a meeting sign well, whatever they say: the rules themselves judge them, at the relay and in clients. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Random, seededRandom } from '../../bench/random.ts';
import { asId } from '../../src/base/ids.ts';
import { ANSWER_CODES } from '../../src/signaling/protocol/codes.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import { lawOf } from '../../src/trust/acts/law.ts';
import { type Place, startOf } from '../../src/trust/acts/place.ts';
import { openMeeting } from '../../src/trust/acts/state.ts';
import { ACT_CODES } from '../../src/trust/acts/step.ts';
import type { PersonId } from '../../src/trust/devices/ids.ts';
import { follow } from '../../src/trust/signing/chain.ts';
import { ConductWorld, codeOf, type Visitor } from '../support/conduct-world.ts';
import { conveneAt } from '../support/door-meeting.ts';
import { hostileAct } from '../support/hostile-acts.ts';
import { announce, Ministry, type Official, prove } from '../support/ministry.ts';
import { granted } from '../support/people.ts';
import { eventually } from '../support/until.ts';

/** `npm run fuzz` sends ten times as many. */
const ACTS = Number(process.env.BELFRY_FUZZ_MESSAGES ?? 100_000) / 100;
const SEED = Number(process.env.BELFRY_FUZZ_SEED ?? 1);
/** Of one meeting, unless it ends or nobody is left before. */
const ACTS_PER_MEETING = 100;
/** The relay's time for each: as fast as it takes acts of one session for ever. */
const STEP_MS = 1_000;
/** Of those who are out, one comes again before so many acts. */
const COMES_AGAIN_EVERY = 5;
/** Of acts: given by the chair, or at least by somebody who is in. */
const SHARE = { chair: 0.4, inside: 0.95 } as const;
const NEIGHBOUR_ASKS_EVERY = 10;
/** Any answer above this is no meeting any more, on whatever machine. */
const ANSWER_LIMIT_MS = 2_000;

/** The connection ended before an answer came: its person was put out. */
const OUT = 'out';

/** What a relay may answer to an act; `json.…` and `statement.…` for what is no act. */
const isKnown = (code: string): boolean => KNOWN.has(code) || /^(json|statement)\.[a-z-]+$/.test(code);
const FAILED = ['internal.error', 'server.failed', 'act.failed'];
const KNOWN: ReadonlySet<string> = new Set(
  ['ok', OUT, 'act.too-many', ...ACT_CODES, ...Object.keys(ANSWER_CODES)].filter(
    (code) => !FAILED.includes(code),
  ),
);

const one = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] ?? assert.fail();

/** A client's reading of the meeting, by what the relay writes: it believes nothing that the rules do not allow. */
class Reader {
  place: Place;
  readonly heads: Head[] = [];
  readonly #world: ConductWorld;

  constructor(world: ConductWorld) {
    this.#world = world;
    const { value, digest } = world.charter.opened;
    this.place = startOf(openMeeting(value, digest, lawOf(world.ministry.scale)));
    this.heads.push(this.place.head);
  }

  async readOn(): Promise<void> {
    const { root } = this.#world.ministry.people;
    const { store, meeting } = this.#world;
    for (const text of store.entriesAfter(meeting, this.place.head.n, Number.MAX_SAFE_INTEGER)) {
      this.place = granted(await follow(this.place, text, { root })).place;
      this.heads.push(this.place.head);
    }
  }
}

interface Forces {
  readonly all: readonly Official[];
  readonly neighbour: Official;
  readonly random: Random;
  /** How often each answer came. */
  readonly answers: Map<string, number>;
}

/** One meeting under fire, from its beginning to its end. */
class Siege {
  readonly #answers: Map<string, number>;
  readonly #world: ConductWorld;
  readonly #all: readonly Official[];
  readonly #random: Random;
  readonly #reader: Reader;
  readonly #inside = new Map<PersonId, Visitor>();

  constructor(world: ConductWorld, { all, random, answers }: Forces) {
    this.#world = world;
    this.#all = all;
    this.#random = random;
    this.#answers = answers;
    this.#reader = new Reader(world);
  }

  /** Leaders come in; others wait, or are not invited, and come again like everybody who is out. */
  async begin(): Promise<void> {
    for (const who of this.#all) await this.#comes(who);
  }

  get isOver(): boolean {
    // Of a meeting that has ended the relay keeps no entries.
    return this.#world.texts().length === 0 || this.#reader.place.state.present.size === 0;
  }

  /** A well-signed act of somebody who is in, or was; what became of it everybody reads alike. */
  async act(nth: number): Promise<void> {
    if (nth % COMES_AGAIN_EVERY === 0) await this.#comesAgain();
    const visitor = this.#somebody();
    const act = await hostileAct(visitor.who, this.#scene(), this.#random);
    const before = this.#reader.place.head.n;
    const answer = await this.#asked(visitor, act);
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
    assert.ok(isKnown(answer), `an act was answered with ${answer}`);
    await this.#reader.readOn();
    if (answer !== 'ok' && answer !== OUT)
      assert.equal(this.#reader.place.head.n, before, `${answer}, and written all the same`);
    this.#world.server.clock.advance(STEP_MS);
  }

  /** What those who are in are told is what a client makes of it. */
  async agree(): Promise<void> {
    const { place } = this.#reader;
    for (const person of place.state.present) {
      const visitor = this.#inside.get(person) ?? assert.fail('somebody is in who never came');
      assert.deepEqual((await this.#world.history(visitor, place.head.n)).head, place.head);
    }
  }

  /** Mostly of those who are in, and often the chair: it may order most. */
  #somebody(): Visitor {
    const { present, chair } = this.#reader.place.state;
    const everybody = [...this.#inside.values()];
    const inside = everybody.filter(({ who }) => present.has(who.person));
    const chairs = inside.filter(({ who }) => who.person === chair);
    const roll = this.#random.fraction();
    if (roll < SHARE.chair && chairs.length > 0) return one(this.#random, chairs);
    return one(this.#random, roll < SHARE.inside && inside.length > 0 ? inside : everybody);
  }

  #scene() {
    const { scale } = this.#world.ministry;
    return {
      place: this.#reader.place,
      persons: [...this.#all.map(({ person }) => person), asId<PersonId>('nobody')],
      devices: this.#all.map(({ device }) => device),
      levels: [...scale.levels.map(({ id }) => id), 'none-such'],
      pastHeads: this.#reader.heads,
      nowUnixMs: this.#world.server.clock.unixMs(),
    };
  }

  async #asked({ client }: Visitor, act: object): Promise<string> {
    const reply = client.request('act', { act }).then(codeOf, () => OUT);
    return Promise.race([reply, client.closed.then(() => OUT)]);
  }

  async #comesAgain(): Promise<void> {
    const out = this.#all.filter(({ person }) => !this.#reader.place.state.present.has(person));
    if (out.length === 0) return;
    await this.#comes(one(this.#random, out));
  }

  /** Waits before the door, or is in; or is refused, and may try another time. */
  async #comes(who: Official): Promise<void> {
    const visitor = await this.#world.knock(who);
    const { client, entering } = visitor;
    let isAnswered = false;
    void client
      .until(({ re, event }) => re === entering || event?.kind === 'waiting')
      .finally(() => {
        isAnswered = true;
      });
    // A refusal comes at its time, and judging takes turns that the relay's clock does not count.
    await eventually('it is let in, or waits, or is refused', () => {
      this.#world.server.clock.advance(STEP_MS / 10);
      return isAnswered;
    });
    this.#inside.set(who.person, visitor);
    await this.#reader.readOn();
  }
}

/** Somebody at the same relay, in a meeting that nobody harms, who asks again and again. */
const untouched = async ({ server, ministry }: ConductWorld, who: Official) => {
  const { meeting } = await conveneAt(server, ministry, who, {});
  const { client, session } = await server.hello();
  const { nonce } = await client.done('challenge', { meeting, purpose: 'enter' });
  const proof = await prove(who, { nonce: String(nonce), connection: session, meeting, purpose: 'enter' });
  const passport = { certificate: who.signer.certificate, clearance: who.clearance, proof };
  await client.done('enter', { meeting, passport, ...(await announce(who, meeting, 1)) });
  return {
    async isServed() {
      const startMs = performance.now();
      await client.done('history', { after: 0 });
      assert.ok(performance.now() - startMs < ANSWER_LIMIT_MS, 'the neighbour waits');
    },
  };
};

/** Until it has ended, or was long enough; answers how many acts that took. */
const besiege = async (world: ConductWorld, forces: Forces, most: number): Promise<number> => {
  const beside = await untouched(world, forces.neighbour);
  const siege = new Siege(world, forces);
  await siege.begin();
  let sent = 0;
  while (sent < Math.min(most, ACTS_PER_MEETING) && !siege.isOver) {
    await siege.act(sent++);
    if (sent % NEIGHBOUR_ASKS_EVERY !== 0) continue;
    await beside.isServed();
    if (!siege.isOver) await siege.agree();
  }
  return sent;
};

it(`takes or refuses ${ACTS} well-signed acts of whatever content, as every client reads them (seed ${SEED})`, {
  timeout: Math.max(120_000, ACTS * 60),
}, async (t) => {
  const random = seededRandom(SEED);
  const ministry = await Ministry.open();
  const all = await Promise.all(
    [...'abcdef'].map((name, i) => ministry.official(name, { level: i === 5 ? 'confidential' : 'secret' })),
  );
  const neighbour = await ministry.official('neighbour');
  const persons = all.map(({ person }) => person);
  const answers = new Map<string, number>();
  let sent = 0;
  for (let meetings = 0; sent < ACTS; meetings++) {
    const world = await ConductWorld.convene(ministry, all[0] ?? assert.fail(), {
      admission: meetings % 2 === 0 ? { kind: 'roster', persons: persons.slice(0, 5) } : { kind: 'cleared' },
      deputies: persons.slice(1, 3),
    });
    try {
      sent += await besiege(world, { all, neighbour, random, answers }, ACTS - sent);
    } finally {
      await world.close();
    }
  }
  t.diagnostic([...answers].map(([answer, count]) => `${answer} ${count}`).join(', '));
  assert.ok((answers.get('ok') ?? 0) > ACTS / 20, 'hardly any act reached the rules');
});
