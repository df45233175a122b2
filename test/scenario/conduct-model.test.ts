/** Random people at the real hub, with lost connections, repeats and acts out of order: against a model of a few dozen lines. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Source } from '../../src/base/media.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { Store } from '../../src/signaling/ports.ts';
import type { Order } from '../../src/trust/acts/act.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import {
  judgeDeviceCertificate,
  judgeOfficeCertificate,
} from '../../src/trust/signing/people-certificate.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { ALL, who, whom } from '../support/acts.ts';
import { cheapenCrypto } from '../support/cheap-crypto.ts';
import { type MemoryClient, MemoryRelay } from '../support/memory-relay.ts';
import { Ministry, newMeetingId, type Official } from '../support/ministry.ts';
import { granted, NOW } from '../support/people.ts';
import { STORE_KINDS, type StoreRig } from '../support/store-kinds.ts';

/** `BELFRY_CONDUCT_RUNS=2000` is the long form. A file costs a flush for each entry, so fewer runs are played on one. */
const RUNS = Number(process.env.BELFRY_CONDUCT_RUNS ?? 400);
const FILE_RUNS = Math.ceil(RUNS / 40);
const STEPS = 100;
const SEED = 39;
const { graceMs, entryRefusalMs } = DEFAULT_LIMITS;
const STEP_MS = 1_000;
const LEVELS = ['confidential', 'secret'];

/** Who has which clearance; Ada leads, Dep is her deputy, Zoe is on no roster. */
const PEOPLE = { ada: 1, dep: 0, bob: 1, eve: 1, zoe: 1 } as const;
type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];
const NAMED: ReadonlySet<Name> = new Set(['ada', 'dep', 'bob', 'eve']);
const CHARTER_LEADERS: readonly Name[] = ['ada', 'dep'];

const SENT: readonly Source[] = ['microphone', 'camera', 'screen'];

/** What the charter says that differs from run to run. */
interface Rules {
  readonly isRoster: boolean;
  readonly opensByItself: boolean;
  readonly grants: readonly Source[];
}

interface AboutSources {
  readonly whom: Parameters<typeof namesIn>[0];
  readonly sources: readonly Source[];
}

type Rule = (order: Order, nowMs: number, here: ReadonlySet<Name>) => boolean;

/** The rules as people would tell them to each other. Who is where, and who may send what. */
class Model {
  chair: Name = 'ada';
  chairGoneAtMs: number | undefined = 0;
  isOpen: boolean;
  isLocked = false;
  level = 0;
  readonly isRoster: boolean;
  readonly inside = new Set<Name>();
  readonly waiting = new Set<Name>();
  readonly known = new Set<Name>();
  readonly sentBack = new Set<Name>();
  readonly banned = new Set<Name>();
  readonly observers = new Set<Name>();
  readonly granted: ReadonlyMap<Name, Set<Source>>;
  hasBegun = false;

  constructor({ isRoster, opensByItself, grants }: Rules) {
    this.isRoster = isRoster;
    this.isOpen = opensByItself;
    this.granted = new Map(NAMES.map((name) => [name, new Set(grants)]));
  }

  leads = (name: Name) => name === this.chair || CHARTER_LEADERS.includes(name);

  #walksIn(name: Name): boolean {
    if (this.sentBack.has(name)) return false;
    if (this.leads(name)) return true;
    return this.isOpen && !this.isLocked && (this.known.has(name) || (this.isRoster && NAMED.has(name)));
  }

  begins(nowMs: number): void {
    if (!this.hasBegun) this.chairGoneAtMs = nowMs;
    this.hasBegun = true;
  }

  comes(name: Name, nowMs: number): 'in' | 'waits' | 'refused' {
    if (this.isRoster && !NAMED.has(name)) return 'refused';
    if (PEOPLE[name] < this.level || this.banned.has(name)) return 'refused';
    this.begins(nowMs);
    if (this.inside.has(name)) return 'in';
    if (!this.#walksIn(name)) {
      this.waiting.add(name);
      return 'waits';
    }
    const wasOpen = this.isOpen;
    this.#in(name);
    if (this.leads(name)) this.isOpen = true;
    if (!wasOpen) this.doorOpens();
    return 'in';
  }

  #in(name: Name): void {
    this.waiting.delete(name);
    this.sentBack.delete(name);
    this.known.add(name);
    this.inside.add(name);
    if (this.leads(name)) this.isOpen = true;
    if (name === this.chair) this.chairGoneAtMs = undefined;
  }

  doorOpens(): void {
    for (const name of [...this.waiting]) if (this.#walksIn(name)) this.#in(name);
  }

  goes(name: Name, atMs: number): void {
    this.waiting.delete(name);
    if (this.inside.delete(name) && name === this.chair) this.chairGoneAtMs = atMs;
  }

  maySend(name: Name, source: Source): boolean {
    if (!this.inside.has(name)) return false;
    if (name === this.chair) return true;
    if (this.observers.has(name)) return false;
    return this.#grantsOf(name).has(source);
  }

  #grantsOf = (name: Name) => this.granted.get(name) ?? assert.fail(name);

  /** Whether it is allowed; it has happened then. `here`: who knocks or waits and can be let in. */
  orders(by: Name, order: Order, nowMs: number, here: ReadonlySet<Name>): boolean {
    if (!this.inside.has(by)) return false;
    if (order.kind === 'take-chair') return this.#takesChair(by, nowMs);
    if (by !== this.chair) return false;
    const rule =
      (this.#rules as unknown as Readonly<Record<string, Rule>>)[order.kind] ?? assert.fail(order.kind);
    return rule(order, nowMs, here);
  }

  #takesChair(by: Name, nowMs: number): boolean {
    const line = CHARTER_LEADERS.filter((name) => name !== this.chair);
    const gone = this.chairGoneAtMs;
    if (gone === undefined || nowMs - gone < 30_000 || line.find((name) => this.inside.has(name)) !== by)
      return false;
    this.chair = by;
    this.chairGoneAtMs = undefined;
    return true;
  }

  /** About one who is in and is not the chair. */
  #about = (name: Name) => this.inside.has(name) && name !== this.chair;

  readonly #rules = {
    admit: (order: { whom: Parameters<typeof namesIn>[0] }, _: number, here: ReadonlySet<Name>): boolean => {
      const names = namesIn(order.whom, this.waiting);
      if (!names.every((name) => this.waiting.has(name))) return false;
      for (const name of names) {
        this.#in(name);
        if (!here.has(name)) this.inside.delete(name);
      }
      return true;
    },
    'turn-away': (order: { whom: Parameters<typeof namesIn>[0] }): boolean => {
      const names = namesIn(order.whom, this.waiting);
      if (!names.every((name) => this.waiting.has(name))) return false;
      for (const name of names) this.waiting.delete(name);
      return true;
    },
    'to-lobby': ({ person }: { person: string }, nowMs: number): boolean => {
      const name = person as Name;
      if (!this.#about(name)) return false;
      this.goes(name, nowMs);
      this.sentBack.add(name);
      this.waiting.add(name);
      return true;
    },
    remove: ({ person, isForGood }: { person: string; isForGood: boolean }, nowMs: number): boolean => {
      const name = person as Name;
      if (name === this.chair || (!this.inside.has(name) && !this.waiting.has(name))) return false;
      this.goes(name, nowMs);
      this.sentBack.add(name);
      if (isForGood) this.banned.add(name);
      return true;
    },
    lock: (): boolean => {
      const may = !this.isLocked;
      this.isLocked = true;
      return may;
    },
    unlock: (): boolean => {
      if (!this.isLocked) return false;
      this.isLocked = false;
      this.doorOpens();
      return true;
    },
    'hand-over-chair': ({ to }: { to: string }): boolean => {
      const name = to as Name;
      if (!this.#about(name) || (this.isRoster && !NAMED.has(name))) return false;
      this.chair = name;
      return true;
    },
    'set-role': ({ person, role }: { person: string; role: string }): boolean => {
      const name = person as Name;
      if (!this.#about(name) || this.observers.has(name) === (role === 'observer')) return false;
      if (role === 'observer') this.observers.add(name);
      else this.observers.delete(name);
      return true;
    },
    grant: (order: AboutSources): boolean => {
      const names = namesIn(order.whom, this.inside).filter(
        (name) => order.whom.kind !== 'all' || this.#about(name),
      );
      const isFine = names.every((name) => this.#about(name) && !this.observers.has(name));
      if (order.whom.kind !== 'all' && !isFine) return false;
      for (const name of names.filter((one) => !this.observers.has(one)))
        for (const source of order.sources) this.#grantsOf(name).add(source);
      return true;
    },
    withdraw: (order: AboutSources): boolean => {
      const names = namesIn(order.whom, this.inside).filter(
        (name) => order.whom.kind !== 'all' || this.#about(name),
      );
      if (!names.every((name) => this.#about(name))) return false;
      for (const name of names) for (const source of order.sources) this.#grantsOf(name).delete(source);
      return true;
    },
    'raise-marking': (_: object, nowMs: number): boolean => {
      if (this.level > 0 || PEOPLE[this.chair] < 1) return false;
      this.level = 1;
      for (const name of NAMES) if (PEOPLE[name] < 1) this.goes(name, nowMs);
      return true;
    },
  };
}

const namesIn = (meant: { kind: string; persons?: readonly string[] }, all: ReadonlySet<Name>): Name[] =>
  meant.kind === 'all' ? [...all] : ((meant.persons ?? []) as Name[]);

type Move =
  | { readonly kind: 'knock'; readonly name: Name; readonly device: number }
  | { readonly kind: 'cut' | 'resume' | 'leave'; readonly name: Name }
  | { readonly kind: 'send'; readonly name: Name; readonly source: Source }
  | { readonly kind: 'order'; readonly by: Name | 'chair'; readonly order: Order; readonly how: How }
  | { readonly kind: 'wait'; readonly ms: number };
/** As it should be, the same once more, out of order, too late, or as somebody signs who was shown another chain. */
type How = 'well' | 'twice' | 'swapped' | 'stale' | 'forked';

const name = fc.constantFrom(...NAMES);
const meant = fc.oneof(
  fc.constant(ALL),
  fc.uniqueArray(name, { minLength: 1, maxLength: 2 }).map((names) => whom(...names)),
);
const ofKind = <Kind extends Order['kind']>(...kinds: Kind[]) => fc.constantFrom(...kinds);
const order = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: ofKind('admit'), whom: meant }) },
  { weight: 1, arbitrary: fc.record({ kind: ofKind('turn-away'), whom: meant }) },
  { weight: 2, arbitrary: fc.record({ kind: ofKind('to-lobby'), person: name.map(who) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: ofKind('remove'),
      person: name.map(who),
      isForGood: fc.constantFrom(false, false, false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: ofKind('lock', 'unlock') }) },
  { weight: 2, arbitrary: fc.record({ kind: ofKind('take-chair') }) },
  { weight: 1, arbitrary: fc.record({ kind: ofKind('hand-over-chair'), to: name.map(who) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: ofKind('grant', 'withdraw'),
      whom: meant,
      sources: fc.uniqueArray(fc.constantFrom(...SENT), { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: ofKind('set-role'),
      person: name.map(who),
      role: fc.constantFrom('member' as const, 'observer' as const),
    }),
  },
) as unknown as fc.Arbitrary<Order>;
const raise: Order = { kind: 'raise-marking', marking: { scale: 'belgium', level: 'secret', groups: [] } };
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('knock' as const), name, device: fc.constantFrom(0, 0, 1) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut' as const, 'resume' as const, 'leave' as const),
      name,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      name,
      source: fc.constantFrom(...SENT),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      by: fc.oneof(name, fc.constant('chair' as const), fc.constant('chair' as const)),
      order: fc.oneof({ weight: 40, arbitrary: order }, { weight: 2, arbitrary: fc.constant(raise) }),
      how: fc.constantFrom<How[]>('well', 'well', 'well', 'well', 'twice', 'swapped', 'stale', 'forked'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(15_000, 29_000, 31_000) }),
  },
);

const rules: fc.Arbitrary<Rules> = fc.record({
  isRoster: fc.boolean(),
  opensByItself: fc.boolean(),
  grants: fc.uniqueArray(fc.constantFrom(...SENT), { maxLength: SENT.length }),
});

interface Place {
  readonly client: MemoryClient;
  entering: number;
}

let [taken, refusedOrders, refusedRaises] = [0, 0, 0];

/** One run: the hub does as it is told, and the model says what must have come of it. */
class Run {
  readonly relay: MemoryRelay;
  readonly model: Model;
  readonly #officials: ReadonlyMap<Name, readonly Official[]>;
  readonly #places = new Map<Name, Place>();
  readonly #lostAtMs = new Map<Name, number>();
  readonly #numbers = new Map<string, number>();
  #raised = 0;

  constructor(relay: MemoryRelay, model: Model, officials: ReadonlyMap<Name, readonly Official[]>) {
    this.relay = relay;
    this.model = model;
    this.#officials = officials;
  }

  get #nowMs(): number {
    return this.relay.clock.nowMs();
  }

  async play(move: Move): Promise<void> {
    this.#passes(STEP_MS);
    await (this.#moves as unknown as Readonly<Record<string, (move: Move) => unknown>>)[move.kind]?.(move);
    await this.#check();
  }

  /** Who was lost for as long as one may be has left, by a time that is the loss’s. */
  #passes(ms: number): void {
    this.relay.clock.advance(ms);
    for (const [name, atMs] of [...this.#lostAtMs].sort(([, a], [, b]) => a - b)) {
      if (this.#nowMs - atMs < graceMs) continue;
      this.#lostAtMs.delete(name);
      this.#places.delete(name);
      this.model.goes(name, atMs);
    }
  }

  readonly #moves = {
    wait: ({ ms }: { ms: number }) => this.#passes(ms),
    knock: ({ name, device }: { name: Name; device: number }) => this.#knock(name, device),
    cut: ({ name }: { name: Name }) => this.#cut(name),
    resume: ({ name }: { name: Name }) => this.#resume(name),
    leave: ({ name }: { name: Name }) => this.#leave(name),
    send: ({ name, source }: { name: Name; source: Source }) => this.#send(name, source),
    order: ({ by, order, how }: { by: Name | 'chair'; order: Order; how: How }) =>
      this.#order(by === 'chair' ? this.model.chair : by, order, how),
  };

  async #knock(name: Name, device: number): Promise<void> {
    const official = this.#officials.get(name)?.[device] ?? assert.fail('nobody');
    const old = this.#places.get(name);
    const isSentBack =
      old?.client.isConnected === true && old.client.participant === undefined && !old.client.isWaiting;
    // One who was sent back asks anew over the same connection, like a client.
    const client =
      isSentBack && old.client.who === official ? old.client : await this.relay.connect(official);
    const entering = await this.relay.knock(client);
    const expected = this.model.comes(name, this.#nowMs);
    if (expected === 'refused') {
      assert.equal(client.settle(entering), undefined, 'not before the deadline');
      this.#passes(entryRefusalMs);
      assert.equal(client.settle(entering), false, `${name} is refused`);
      if (client !== old?.client) client.cut();
      return;
    }
    if (old !== undefined && old.client !== client) assert.equal(old.client.isConnected, false, 'replaced');
    this.#lostAtMs.delete(name);
    this.#places.set(name, { client, entering });
    assert.equal(client.settle(entering), expected === 'in' ? true : undefined, `${name} ${expected}`);
    assert.equal(client.isWaiting, expected === 'waits');
  }

  #cut(name: Name): void {
    const place = this.#places.get(name);
    if (place?.client.isConnected !== true) return;
    place.client.cut();
    if (this.model.inside.has(name)) this.#lostAtMs.set(name, this.#nowMs);
    else this.#gone(name);
  }

  #gone(name: Name): void {
    this.#places.delete(name);
    this.model.goes(name, this.#nowMs);
  }

  async #resume(name: Name): Promise<void> {
    const place = this.#places.get(name);
    if (place === undefined || place.client.isConnected) return;
    assert.equal(await place.client.resume(this.relay.meeting), true);
    this.#lostAtMs.delete(name);
  }

  async #leave(name: Name): Promise<void> {
    const place = this.#places.get(name);
    if (place?.client.isConnected !== true) return;
    const isAtAll = this.model.inside.has(name) || place.client.isWaiting;
    assert.equal((await place.client.ask('leave')).ok, isAtAll);
    if (isAtAll) this.#gone(name);
  }

  async #send(name: Name, source: Source): Promise<void> {
    const client = this.#places.get(name)?.client;
    if (client?.isConnected !== true || !this.model.inside.has(name)) return;
    assert.equal(await client.produces(source), this.model.maySend(name, source), `${name} ${source}`);
  }

  async #order(by: Name, order: Order, how: How): Promise<void> {
    const client = this.#places.get(by)?.client;
    if (client?.isConnected !== true || !this.model.inside.has(by)) return;
    const { device } = client.who;
    const number = (this.#numbers.get(device) ?? 0) + (how === 'swapped' ? 2 : 1);
    this.#numbers.set(device, number);
    const sign = (at: number) => this.relay.sign(client.who, at, order, changeOf(how, this.relay));
    const acts: Vouched[] = [await sign(number)];
    if (how === 'twice') acts.push(acts[0] as Vouched);
    if (how === 'swapped') acts.push(await sign(number - 1));
    const ids = acts.map((act) => client.say('act', { act }));
    const expected =
      how !== 'stale' && how !== 'forked' && this.model.orders(by, order, this.#nowMs, this.#here());
    await new Promise((resolve) => setImmediate(resolve));
    const [first, ...later] = ids.map((id) => client.replies.get(id));
    assert.equal(first?.ok, expected, `${by} ${order.kind} ${first?.error?.message}`);
    // Whoever is put before the door while its connection is lost is there no longer.
    if (expected && order.kind === 'to-lobby' && this.#lostAtMs.delete(order.person as unknown as Name))
      this.#gone(order.person as unknown as Name);
    if (expected && order.kind === 'raise-marking') this.#raised++;
    assert.equal(this.relay.markingsRaised, this.#raised, 'the group is told when everybody was judged anew');
    if (first?.error?.message?.startsWith('act.above-own-clearance')) refusedRaises++;
    if (expected) taken++;
    else refusedOrders++;
    // What was refused uses up no number: the same may then be refused again, and is never taken twice.
    for (const one of later) assert.notEqual(one?.ok, true, 'counts once, and in turn');
  }

  /** Who waits over a connection that knocked. */
  #here(): ReadonlySet<Name> {
    return new Set([...this.#places].filter(([, { client }]) => client.isWaiting).map(([one]) => one));
  }

  async #check(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const [name, place] of this.#places) this.#checkPlace(name, place);
    const inside = [...this.#places].flatMap(([name, { client }]) =>
      this.model.inside.has(name) ? [{ client, name }] : [],
    );
    assert.equal(inside.length, this.model.inside.size, 'everybody who is in has a place');
    const ids = new Set(inside.map(({ client }) => client.participant));
    for (const { client, name } of inside.filter((one) => one.client.isConnected))
      assert.deepEqual(
        client.roster,
        new Set([...ids].filter((id) => id !== client.participant)),
        `whom ${name} sees`,
      );
    assert.deepEqual(this.relay.failures, []);
  }

  #checkPlace(name: Name, { client, entering }: Place): void {
    if (!this.#lostAtMs.has(name)) client.settle(entering);
    const isIn = this.model.inside.has(name);
    if (!this.#lostAtMs.has(name))
      assert.equal(client.participant !== undefined && client.isConnected, isIn, `${name} is in`);
    if (client.isWaiting) assert.ok(this.model.waiting.has(name), `${name} waits`);
    if (isIn) return;
    assert.ok(client.entries.length === 0 || client.head !== undefined, 'no entries before the door');
    if (this.model.waiting.has(name)) return;
    // Whoever is out, or was turned away, begins anew with another connection.
    client.cut();
    this.#lostAtMs.delete(name);
    this.#places.delete(name);
  }
}

const changeOf = (how: How, { clock }: MemoryRelay) => {
  if (how === 'stale') return { atUnixMs: clock.unixMs() - 120_001 };
  return how === 'forked' ? { seen: { n: 0, digest: 'E'.repeat(43) as never } } : {};
};

describe(`the hub, ${RUNS} runs of ${STEPS} steps`, () => {
  let ministry: Ministry;
  let restore: () => void;
  const officials = new Map<Name, readonly Official[]>();

  before(async () => {
    ministry = await Ministry.open();
    for (const name of NAMES) {
      const level = LEVELS[PEOPLE[name]] ?? 'secret';
      officials.set(name, [
        await ministry.official(name, { level }),
        await ministry.official(name, { level, device: `${name}-2` }),
      ]);
    }
    // Certificates are read once, and by their own signatures; what is signed from now on costs nothing.
    const { root } = ministry.people;
    for (const { signer, clearance } of [...officials.values()].flat()) {
      granted(await judgeDeviceCertificate(signer.certificate, root, NOW));
      granted(await judgeOfficeCertificate('clearance', clearance.certificate, root, NOW));
    }
    restore = cheapenCrypto();
    for (const [name, both] of officials) {
      const clearance = await ministry.clear(name, { level: LEVELS[PEOPLE[name]] ?? 'secret' });
      officials.set(
        name,
        both.map((one) => ({ ...one, clearance })),
      );
    }
  });
  after(() => restore());

  let stepsPlayed = 0;
  const play = async (store: Store, moves: readonly Move[], rules: Rules) => {
    const { isRoster, opensByItself, grants } = rules;
    const relay = new MemoryRelay(ministry, store);
    const [ada] = officials.get('ada') ?? [];
    const persons = [...NAMED].map(who);
    const admission: Charter['admission'] = isRoster ? { kind: 'roster', persons } : { kind: 'cleared' };
    const deputies = [who('dep')];
    const charter = { meeting: newMeetingId(), admission, opensByItself, deputies, grants: [...grants] };
    await relay.convene(
      ada ?? assert.fail('nobody'),
      ministry.charter(ada ?? assert.fail('nobody'), charter),
    );
    const run = new Run(relay, new Model(rules), officials);
    for (const move of moves) {
      await run.play(move);
      stepsPlayed++;
    }
    relay.hub.stop();
  };

  /** Each run is a relay of its own, and begins with an empty store. */
  const playOn = async (newRig: () => StoreRig, numRuns: number): Promise<void> => {
    stepsPlayed = 0;
    const moves = fc.array(move, { minLength: STEPS, maxLength: STEPS });
    const property = fc.asyncProperty(moves, rules, async (...run) => {
      const rig = newRig();
      const store = rig.open();
      try {
        await play(store, ...run);
      } finally {
        store.close();
        rig.end();
      }
    });
    await fc.assert(property, { seed: SEED, numRuns, endOnFailure: !!process.env.BELFRY_TRACE });
    assert.equal(stepsPlayed, numRuns * STEPS);
  };

  for (const { name, newRig } of STORE_KINDS)
    it(`has in whom the model has in, and lets send what the model lets, its store ${name}`, () =>
      playOn(newRig, name === 'in a file' ? FILE_RUNS : RUNS));

  it('took and refused enough of each kind to say so', () => {
    assert.ok(RUNS < 1_000 || refusedRaises > 0, 'some chair asked for more than it is cleared for');
    assert.ok(taken > RUNS && refusedOrders > RUNS, `${taken} orders were taken, ${refusedOrders} refused`);
  });
});
