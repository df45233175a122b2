/** What members may say of a meeting's group, mutated, beside a meeting that nobody fuzzes. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Random, seededRandom } from '../../bench/random.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { WireGroupSaid } from '../../src/signaling/protocol/group-schemas.ts';
import { digestOf, type GroupMember, GroupRelay } from '../support/group-relay.ts';
import { Ministry, newMeetingId, type Official } from '../support/ministry.ts';
import { mutated } from '../support/mutations.ts';

/** `npm run fuzz` sends a hundred thousand. */
const MESSAGES = Math.ceil(Number(process.env.BELFRY_FUZZ_MESSAGES ?? 100_000) / 10);
const SEED = Number(process.env.BELFRY_FUZZ_SEED ?? 1);
const MEMBERS = 4;
/** Ids rise; those below are of the honest beginning. */
const FIRST_ID = 1_000;
/** Well within what the rate gives back between two looks. */
const BATCH = 40;
const MESSAGES_PER_CONNECTION = 800;
const HONEST_SHARE = 0.3;
/** Epochs and leaves near those that there are: others are refused at once. */
const NEAR = 6;
const LIMITS = { timeout: Math.max(300_000, MESSAGES * 20) };

interface Known {
  readonly participants: readonly GroupMember['participant'][];
  readonly blob: { readonly hash: string; readonly bytes: number };
}

/** Words that the schema takes, with what is in this meeting. */
const wordsOf = ({ participants, blob }: Known, random: Random): WireGroupSaid[] => {
  const at = { generation: random.below(2), epoch: random.below(NEAR) };
  const participant = participants[random.below(participants.length)];
  if (participant === undefined) return [];
  const statement = {
    kind: 'heartbeat',
    alg: 'ES256',
    bytes: 'e30',
    signature: 'c2ln',
    signer: digestOf('x'),
  } as const;
  return [
    { kind: 'enter', keyPackage: blob },
    { kind: 'created', ...at },
    { kind: 'commit', ...at, commit: blob, welcomes: [], removed: [] },
    { kind: 'commit', ...at, commit: blob, welcomes: [{ participant, blob }], removed: [], tree: blob },
    { kind: 'commit', ...at, commit: blob, welcomes: [], removed: [participant] },
    { kind: 'working', ...at },
    { kind: 'adopted', ...at },
    { kind: 'reject', ...at, reason: 'signed' },
    { kind: 'decline', ...at, participant },
    { kind: 'renew', ...at },
    { kind: 'catch-up', ...at },
    { kind: 'ready', ...at, digest: digestOf(`${random.below(3)}`), leaf: random.below(NEAR) },
    { kind: 'heartbeat', statement },
  ];
};

class Fuzzer {
  readonly #relay: GroupRelay;
  readonly #random: Random;
  readonly #people: readonly Official[];
  #members: GroupMember[] = [];
  #known: Known | undefined;
  #id = FIRST_ID;
  sent = 0;
  failures = 0;

  constructor(relay: GroupRelay, people: readonly Official[], random: Random) {
    this.#relay = relay;
    this.#people = people;
    this.#random = random;
  }

  async run(): Promise<void> {
    while (this.sent < MESSAGES) {
      await this.#begin();
      for (let i = 0; i < MESSAGES_PER_CONNECTION && this.sent < MESSAGES; i += BATCH) await this.#batch();
      for (const { client } of this.#members) await client.vanish();
      this.#relay.server.clock.advance(DEFAULT_LIMITS.graceMs);
    }
  }

  async #begin(): Promise<void> {
    this.#members = [];
    for (const who of this.#people.slice(0, MEMBERS)) this.#members.push(await this.#relay.enter(who));
    const [first] = this.#members;
    assert.ok(first);
    const participants = this.#members.map(({ participant }) => participant);
    this.#known = { participants, blob: await first.keep('a blob') };
    await first.say({ kind: 'enter', keyPackage: this.#known.blob });
    this.#id = FIRST_ID;
  }

  /** Whoever was cut for what it sent is out; the rest goes on. */
  async #batch(): Promise<void> {
    for (const member of this.#members) {
      for (let i = 0; i < BATCH / MEMBERS; i++) this.#one(member);
      await member.client.reply(this.#ask(member)).catch(() => undefined);
      this.failures += member.client.received.filter(isFailure).length;
      member.client.received.length = 0;
    }
    this.#relay.server.clock.advance(400);
  }

  #ask({ client }: GroupMember): number {
    this.#id += 1;
    client.send({ id: this.#id, kind: 'group', said: { kind: 'catch-up', generation: 0, epoch: 0 } });
    return this.#id;
  }

  #one({ client }: GroupMember): void {
    if (this.#known === undefined) return;
    const words = wordsOf(this.#known, this.#random);
    const said = words[this.#random.below(words.length)];
    const isHonest = this.#random.fraction() < HONEST_SHARE;
    const rest = isHonest ? JSON.stringify({ said }) : mutated({ said }, this.#random);
    // An id out of order would have all that comes after it refused unread.
    client.sendText(`{"id":${++this.#id},"kind":"group"${rest === '{}' ? '' : ','}${rest.slice(1)}`);
    this.sent += 1;
  }
}

const isFailure = ({ error }: { readonly error?: { readonly code: string } }): boolean =>
  error?.code === 'internal.error';

it(
  `a group that is told ${MESSAGES} mutated words fails at none, and no other hears of it (seed ${SEED})`,
  LIMITS,
  async () => {
    const ministry = await Ministry.open();
    const names = Array.from({ length: MEMBERS + 2 }, (_, i) => `p${i}`);
    const people = await Promise.all(names.map((name) => ministry.official(name)));
    const relay = await GroupRelay.start(ministry, people[0] as Official);
    try {
      const quiet = newMeetingId();
      await relay.convene(people[0] as Official, quiet);
      const fuzzer = new Fuzzer(relay, people, seededRandom(SEED));
      await fuzzer.run();
      assert.equal(fuzzer.failures, 0);
      const failed = relay.server.log.filter(({ event }) => /failed/.test(event));
      assert.deepEqual(failed, []);
      const [one, other] = [
        await relay.enter(people.at(-1) as Official, quiet),
        await relay.enter(people.at(-2) as Official, quiet),
      ];
      assert.deepEqual(await relay.group(one, other), { generation: 0, epoch: 1 });
    } finally {
      await relay.close();
    }
  },
);
