import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Random } from '../../bench/random.ts';
import { type Bytes, toHex, utf8 } from '../../src/base/bytes.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import { refuse } from '../../src/base/result.ts';
import type { GroupEvent } from '../../src/client/group/events.ts';
import type { ParticipantOf } from '../../src/client/group/people.ts';
import type { Rejections } from '../../src/client/group/rejection.ts';
import { Seat } from '../../src/client/group/seat.ts';
import type { GroupHeard, GroupSaid } from '../../src/client/group/service.ts';
import type { Group, GroupKeyAgreement, Judge } from '../../src/e2ee/mls/port.ts';
import type { MlsSuite } from '../../src/e2ee/mls/suites.ts';
import type { DeliveryEffect } from '../../src/signaling/delivery/effects.ts';
import type { DeliveryInput } from '../../src/signaling/delivery/inputs.ts';
import { type DeliveryState, newDelivery } from '../../src/signaling/delivery/state.ts';
import { step } from '../../src/signaling/delivery/step.ts';
import type { Rejection } from '../../src/trust/rejection/rejection.ts';
import { FakeClock } from './fake-clock.ts';
import { SealingLog, WatchedKeys } from './group-keys.ts';
import { accepted, contextOf, device } from './mls-device.ts';

/** How often things go wrong, from 0 to 1. */
export interface Faults {
  /** Of messages: each takes its connection with it, and all that is under way on it. */
  readonly broken: number;
  /** Of committers that are asked. */
  readonly silent: number;
  /** Of commits: nobody but its maker finds it valid. */
  readonly invalid: number;
  /** Of blobs asked for. */
  readonly blobless: number;
}

export const NO_FAULTS: Faults = { broken: 0, silent: 0, invalid: 0, blobless: 0 };
/** Whoever is in the meeting is where the others are so soon after the network works again. */
export const BEHIND_LIMIT_MS = 20_000;
const TICK_MS = 20;
const MAX_DELAY_MS = 120;
const RECONNECT_MS = 1_500;
const READY_BATCH_MS = 60;
const BEAT_MS = 2_000;
const KEY_BYTES = 32;

export interface Person {
  readonly name: ParticipantId;
  readonly seat: Seat;
  readonly keys: WatchedKeys;
  readonly events: GroupEvent[];
  /** All that its device began or joined. */
  readonly groups: Group[];
  /** Counts connections; 0 while there is none. */
  connection: number;
  arrivesAtMs: { up: number; down: number };
}

/** What a hostile relay makes of a message on its way to one member. */
export type Tamper = (to: ParticipantId, message: GroupHeard) => readonly GroupHeard[];

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(createHash('sha256').update(bytes).digest());
const hashOf = (bytes: Bytes): string => createHash('sha256').update(bytes).digest('base64url');

/** Stands in for a signature: the secret of each name is the world's. */
const sealOf = (by: ParticipantId, body: string): string => hashOf(utf8(`secret of ${by}\0${body}`));

const rejectionsOf = (own: ParticipantId): Rejections => ({
  sign: async (rejection) => {
    const body = JSON.stringify(rejection);
    return `${sealOf(own, body)} ${body}`;
  },
  open: async (by, reason) => {
    const body = reason.slice(reason.indexOf(' ') + 1);
    return reason === `${sealOf(by, body)} ${body}` ? (JSON.parse(body) as Rejection) : undefined;
  },
});

/** Seats over the real agreement and the real delivery service, with a network that delays and breaks between them. */
export class GroupWorld {
  /** The library reads key packages' lifetimes by the real clock. */
  readonly clock = new FakeClock(Date.now());
  readonly people = new Map<ParticipantId, Person>();
  readonly gone: Person[] = [];
  readonly blobs = new Map<string, Bytes>();
  readonly log = new SealingLog();
  readonly commits: { readonly generation: number; readonly epoch: number; readonly hash: string }[] = [];
  faults: Faults = NO_FAULTS;
  tamper: Tamper = (_, message) => [message];
  tamperBlob = (_: ParticipantId, bytes: Bytes): Bytes => bytes;
  readonly #random: Random;
  readonly #suite: MlsSuite;
  readonly #invited = new Set<string>();
  readonly #ready = new Map<string, { said: Extract<GroupSaid, { kind: 'ready' }>; from: ParticipantId[] }>();
  #state: DeliveryState = newDelivery(0);
  #cancelWake = (): void => {};
  #names = 0;
  #connections = 0;
  #errors: unknown[] = [];

  constructor(random: Random, suite: MlsSuite = 'x25519') {
    this.#random = random;
    this.#suite = suite;
    this.clock.every(READY_BATCH_MS, () => this.#passReady());
    this.clock.every(BEAT_MS, () => this.#beat());
  }

  get state(): DeliveryState {
    return this.#state;
  }

  readonly judge: Judge = (members) => {
    const uninvited = members.some(
      ({ certificates }) => !this.#invited.has(new TextDecoder().decode(certificates[0])),
    );
    return uninvited ? refuse('test.uninvited', 'somebody is not invited').refusal : undefined;
  };

  readonly participantOf: ParticipantOf = ({ certificates }) =>
    asId<ParticipantId>(new TextDecoder().decode(certificates[0]));

  async enter(): Promise<Person> {
    this.#names += 1;
    const name = asId<ParticipantId>(`p${this.#names}`);
    this.#invited.add(name);
    const groups: Group[] = [];
    const events: GroupEvent[] = [];
    const keys = new WatchedKeys(name, this.log);
    const seat = new Seat({
      agreement: await this.#watched(name, groups),
      context: contextOf(this.#suite),
      judge: this.judge,
      participantOf: this.participantOf,
      isWelcome: () => true,
      service: {
        say: (said) => this.#say(name, said),
        put: async (bytes) => this.keep(bytes).hash,
        get: (hash) => this.#get(name, hash),
      },
      keys,
      baseKeyBytes: KEY_BYTES,
      rejections: rejectionsOf(name),
      hash: sha256,
      clock: this.clock,
      onListenerError: (error) => this.#errors.push(error),
    });
    seat.events.on((event) => events.push(event));
    const person = { name, seat, keys, events, groups, connection: 0, arrivesAtMs: { up: 0, down: 0 } };
    this.people.set(name, person);
    this.connect(person);
    return person;
  }

  leave(person: Person): void {
    // A message as well, which nobody answers.
    this.#post(person, 'up', () => {});
    person.seat.leave();
    this.#out(person);
  }

  /** A device that nobody invited, and that the relay would like to have in. */
  outsider(name = 'ghost', suite: MlsSuite = this.#suite): Promise<GroupKeyAgreement> {
    return device(name, suite, { clock: this.clock });
  }

  keep(bytes: Bytes): { hash: string; bytes: number } {
    const hash = hashOf(bytes);
    this.blobs.set(hash, bytes.slice());
    return { hash, bytes: bytes.length };
  }

  pick(): Person | undefined {
    return [...this.people.values()][this.#random.below(Math.max(1, this.people.size))];
  }

  /** Everything that a seat does between two instants is promises that are settled already. */
  async run(durationMs: number): Promise<void> {
    for (let ms = 0; ms < durationMs; ms += TICK_MS) {
      this.clock.advance(TICK_MS);
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#errors.length > 0) throw this.#errors[0];
    }
  }

  /** Without faults from now on: how long it takes until all agree. */
  async settle(): Promise<number> {
    this.faults = NO_FAULTS;
    const fromMs = this.clock.nowMs();
    do {
      await this.run(200);
      const lateMs = this.clock.nowMs() - fromMs;
      if (lateMs > BEHIND_LIMIT_MS) assert.fail(`after ${lateMs} ms:\n${this.describe()}`);
    } while (!this.#isSettled());
    const tookMs = this.clock.nowMs() - fromMs;
    await this.#check();
    return tookMs;
  }

  describe(): string {
    const { generation, epoch, members } = this.#state;
    const lines = [...this.people.values()].map(({ name, events, keys }) => {
      const last = events.findLast((event) => event.kind === 'epoch');
      const troubles = events.filter((event) => event.kind === 'trouble').slice(-3);
      return `${name}: epoch ${last?.epoch} sealing ${keys.sealing} ${troubles.map(({ code }) => code).join(' ')}`;
    });
    return `service ${generation}/${epoch} of ${[...members.keys()].join(' ')}\n${lines.join('\n')}`;
  }

  feed(input: DeliveryInput): void {
    const { state, effects, wakeAtMs } = step(this.#state, input, this.clock.nowMs());
    this.#state = state;
    this.#cancelWake();
    if (wakeAtMs !== undefined)
      this.#cancelWake = this.clock.after(Math.max(1, wakeAtMs - this.clock.nowMs()), () =>
        this.feed({ kind: 'tick' }),
      );
    for (const effect of effects) this.#carry(effect);
  }

  /** On the connection that there is, after what is under way on it. */
  tell(to: ParticipantId, message: GroupHeard): void {
    const person = this.people.get(to);
    if (person === undefined) return;
    for (const one of this.tamper(to, message)) this.#post(person, 'down', () => person.seat.hear(one));
  }

  #isSettled(): boolean {
    const { epoch, members } = this.#state;
    const names = [...this.people.keys()].sort();
    if ([...members.keys()].sort().join() !== names.join()) return false;
    const where = [...this.people.values()].map(({ events, keys }) => {
      const last = events.findLast((event) => event.kind === 'epoch');
      return last?.epoch === BigInt(epoch) && keys.sealing === BigInt(epoch);
    });
    return where.every(Boolean);
  }

  async #check(): Promise<void> {
    const all = [...this.people.values()];
    const seen = all.map(({ events, keys }) => {
      const last = events.findLast((event) => event.kind === 'epoch');
      const sealing = keys.sealing ?? -1n;
      return {
        digits: last?.code.digits,
        words: last?.code.words.join(' '),
        key: keys.open.get(sealing),
        members: [...(last?.members ?? [])].sort().join(),
      };
    });
    for (const one of seen) assert.deepEqual(one, seen[0]);
    if (seen[0] !== undefined) assert.equal(seen[0].members, [...this.people.keys()].sort().join());
    for (const person of this.gone) assert.notEqual(await this.#furthest(person), seen[0]?.key ?? 'none');
  }

  /** The key that somebody gets who left, and goes on taking each commit that was ever made. */
  async #furthest({ groups }: Person): Promise<string | undefined> {
    const group = groups.at(-1);
    if (group === undefined) return undefined;
    for (const { hash } of this.commits) {
      const staged = await group.stage(this.blobs.get(hash) ?? new Uint8Array(), () => undefined);
      if (staged.ok && !staged.value.selfRemoved) accepted(await group.adopt(staged.value));
    }
    const key = await group.baseKey(KEY_BYTES);
    return key.ok ? toHex(key.value) : undefined;
  }

  async #watched(name: ParticipantId, groups: Group[]): Promise<GroupKeyAgreement> {
    const real = await device(name, this.#suite, { clock: this.clock });
    const noted = <R extends Awaited<ReturnType<GroupKeyAgreement['create']>>>(result: R): R => {
      if (!result.ok) return result;
      groups.push(result.value);
      // Whoever goes means harm, and keeps what a device wipes.
      result.value.end = () => {};
      return result;
    };
    return {
      keyPackage: () => real.keyPackage(),
      candidate: (bytes) => real.candidate(bytes),
      create: async (context) => noted(await real.create(context)),
      join: async (...how) => noted(await real.join(...how)),
    };
  }

  #chance(share: number): boolean {
    return this.#random.below(1_000) < share * 1_000;
  }

  connect(person: Person): void {
    this.#connections += 1;
    person.connection = this.#connections;
    const at = this.clock.nowMs() + 1;
    person.arrivesAtMs = { up: at, down: at };
    this.#post(person, 'down', () => person.seat.hear({ kind: 'connected' }));
  }

  #post(person: Person, way: 'up' | 'down', run: () => void): void {
    const { connection, arrivesAtMs } = person;
    if (connection === 0) return;
    if (this.#chance(this.faults.broken)) {
      this.#break(person);
      return;
    }
    const atMs = Math.max(arrivesAtMs[way], this.clock.nowMs() + 1 + this.#random.below(MAX_DELAY_MS));
    arrivesAtMs[way] = atMs;
    this.clock.after(atMs - this.clock.nowMs(), () => {
      if (person.connection === connection && this.people.get(person.name) === person) run();
    });
  }

  /** What is said to it, or by it, comes to nothing until it is connected again. */
  disconnect(person: Person): void {
    person.connection = 0;
  }

  #break(person: Person): void {
    this.disconnect(person);
    this.clock.after(1 + this.#random.below(RECONNECT_MS), () => this.connect(person));
  }

  async #get(name: ParticipantId, hash: string): Promise<Bytes> {
    await new Promise<void>((resolve) => this.clock.after(1 + this.#random.below(MAX_DELAY_MS), resolve));
    const bytes = this.blobs.get(hash);
    if (bytes === undefined || this.#chance(this.faults.blobless)) throw new Error('no such blob');
    return this.tamperBlob(name, bytes.slice());
  }

  #say(name: ParticipantId, said: GroupSaid): void {
    const person = this.people.get(name);
    if (person !== undefined) this.#post(person, 'up', () => this.#hear(name, said));
  }

  #hear(name: ParticipantId, said: GroupSaid): void {
    if (said.kind === 'ready') this.#noteReady(name, said);
    else if (said.kind === 'enter') this.feed({ ...said, participant: name });
    else if (said.kind === 'commit') this.feed({ ...this.#sent(said), from: name });
    else if (said.kind !== 'decline') this.feed({ ...said, from: name });
  }

  #sent(said: Extract<GroupSaid, { kind: 'commit' }>) {
    const bytes = this.#random.bytes(64);
    const commit = this.#chance(this.faults.invalid) ? this.keep(bytes) : said.commit;
    return { ...said, commit };
  }

  #noteReady(name: ParticipantId, said: Extract<GroupSaid, { kind: 'ready' }>): void {
    const key = `${said.generation}/${said.epoch}/${said.digest}`;
    const noted = this.#ready.get(key) ?? { said, from: [] };
    noted.from.push(name);
    this.#ready.set(key, noted);
  }

  #passReady(): void {
    for (const { said, from } of this.#ready.values())
      for (const to of this.#state.members.keys()) {
        const others = from.filter((one) => one !== to);
        if (others.length > 0) this.tell(to, { ...said, from: others });
      }
    this.#ready.clear();
  }

  /** The one who is there for longest is the chair. */
  #beat(): void {
    const [chair, ...others] = this.people.values();
    const last = chair?.events.findLast((event) => event.kind === 'epoch');
    if (chair === undefined || last === undefined || chair.connection === 0) return;
    for (const person of others) this.#post(person, 'down', () => person.seat.chairIsIn(last));
  }

  #out(person: Person): void {
    this.people.delete(person.name);
    this.gone.push(person);
    this.feed({ kind: 'leave', participant: person.name });
  }

  #carry(effect: DeliveryEffect): void {
    if (effect.kind === 'expel') {
      const person = this.people.get(effect.participant);
      if (person !== undefined) this.leave(person);
      return;
    }
    if (effect.kind === 'commit') {
      const { generation, past } = effect;
      this.commits.push({ generation, epoch: past.epoch, hash: past.commit.hash });
    }
    const isAsked = effect.kind === 'ask-commit' || effect.kind === 'ask-create';
    if (isAsked && this.#chance(this.faults.silent)) return;
    const { to, ...message } = effect;
    for (const one of typeof to === 'string' ? [to] : to) this.tell(one, message);
  }
}

export const troubles = ({ events }: Person): string[] =>
  events.flatMap((event) => (event.kind === 'trouble' ? [event.code] : []));
