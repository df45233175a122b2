import assert from 'node:assert/strict';
import type { Random } from '../../bench/random.ts';
import { asId, type ParticipantId } from '../../src/base/ids.ts';
import type { DeliveryEffect } from '../../src/signaling/delivery/effects.ts';
import type { DeliveryInput } from '../../src/signaling/delivery/inputs.ts';
import {
  type Blob,
  type DeliveryState,
  newDelivery,
  type PastCommit,
} from '../../src/signaling/delivery/state.ts';
import { step } from '../../src/signaling/delivery/step.ts';

/** How often things go wrong, from 0 to 1. */
export interface Faults {
  readonly lost: number;
  readonly silent: number;
  /** Commits that no member accepts. */
  readonly invalid: number;
  /** Key packages that no member finds good. */
  readonly bad: number;
}

const NO_FAULTS: Faults = { lost: 0, silent: 0, invalid: 0, bad: 0 };
/** A client that waits for nothing else looks so often whether it is still where the service is, and enters anew after. */
const LOOK_EVERY_MS = 1_000;
const PATIENCE_MS = 8_000;
const MAX_DELAY_MS = 120;
/** A liar alone with somebody could keep that one out for ever. */
const HONEST_BESIDE_A_LIAR = 2;

type Where = { readonly generation: number; readonly epoch: number };

/** One member's part, with a number in place of a group. */
interface Client {
  readonly name: ParticipantId;
  /** Finds no key package good. */
  lies: boolean;
  where: Where | undefined;
  /** Since when the newest commit is one that it does not take. */
  refusesSinceMs: number | undefined;
  enteredAtMs: number;
  looksAtMs: number;
}

interface Post {
  readonly atMs: number;
  readonly serial: number;
  readonly run: () => void;
}

const blobOf = (hash: string): Blob => ({ hash, bytes: 1 });

/** Who is in the group, and has not lost it. */
const ableIn = ({ members, leaving }: DeliveryState): ParticipantId[] =>
  [...members.keys()].filter((one) => !leaving.has(one));

/** The service, people who come and go, and a network that delays and loses. What must always hold is checked at each step. */
export class DeliveryWorld {
  readonly clients = new Map<ParticipantId, Client>();
  readonly #random: Random;
  #faults: Faults = NO_FAULTS;
  #state: DeliveryState = newDelivery(0);
  /** Whoever is or was silent or unheard leaves the word to the others, a liar too; so it stays for a while after the faults. */
  #isLossy = false;
  #posts: Post[] = [];
  #nowMs = 0;
  #wakeAtMs: number | undefined;
  #serial = 0;
  #names = 0;
  /** The commit that counts for each epoch, by `generation/epoch`. */
  readonly #counted = new Map<string, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  get state(): DeliveryState {
    return this.#state;
  }

  set faults(faults: Faults) {
    this.#faults = faults;
    const { lost, silent, invalid } = faults;
    this.#isLossy ||= lost + silent + invalid > 0;
  }

  enter(): void {
    this.#names += 1;
    const name = asId<ParticipantId>(`p${this.#names}`);
    const client = {
      name,
      lies: false,
      where: undefined,
      refusesSinceMs: undefined,
      enteredAtMs: this.#nowMs,
      looksAtMs: this.#nowMs + LOOK_EVERY_MS,
    };
    this.clients.set(name, client);
    this.#enterAs(client);
  }

  /** One of those who are there lies from now on, unless another one does. */
  lie(): void {
    if ([...this.clients.values()].some(({ lies }) => lies)) return;
    const liar = this.pick();
    if (liar !== undefined) liar.lies = true;
  }

  restart(): void {
    this.#feed({ kind: 'restart' });
    assert.equal(this.#state.members.size, 0);
  }

  /** Loses the group, for whatever reason. */
  lose(client: Client): void {
    this.#enterAs(client);
  }

  /** Can seal nothing in its epoch any more. */
  renew({ where, name }: Client): void {
    const client = this.clients.get(name);
    if (client !== undefined && where !== undefined)
      this.#say(client, { kind: 'renew', from: name, ...where });
  }

  /** The service hears of it from the connection, at once and for certain. */
  leave(client: Client): void {
    this.clients.delete(client.name);
    this.#feed({ kind: 'leave', participant: client.name });
  }

  pick(): Client | undefined {
    return [...this.clients.values()][this.#random.below(Math.max(1, this.clients.size))];
  }

  run(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#nextMs();
      if (next > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, next);
      this.#runDue();
    }
    this.#nowMs = endMs;
  }

  /** Without faults everybody who is there is in the group, and nobody else, and all are in one epoch. */
  settle(): void {
    this.faults = NO_FAULTS;
    this.run(60_000);
    const { members, generation, epoch } = this.#state;
    assert.deepEqual([...members.keys()].sort(), [...this.clients.keys()].sort());
    for (const { name, where } of this.clients.values())
      assert.deepEqual(where, { generation, epoch }, `${name} is where the service is`);
  }

  #nextMs(): number {
    const looks = [...this.clients.values()].map(({ looksAtMs }) => looksAtMs);
    const posts = this.#posts.map(({ atMs }) => atMs);
    return Math.min(this.#wakeAtMs ?? Number.POSITIVE_INFINITY, ...looks, ...posts);
  }

  #runDue(): void {
    const due = this.#posts
      .filter(({ atMs }) => atMs <= this.#nowMs)
      .sort((a, b) => a.atMs - b.atMs || a.serial - b.serial);
    this.#posts = this.#posts.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { run } of due) run();
    for (const client of this.clients.values()) if (client.looksAtMs <= this.#nowMs) this.#look(client);
    if (this.#wakeAtMs !== undefined && this.#wakeAtMs <= this.#nowMs) this.#feed({ kind: 'tick' });
  }

  #chance(share: number): boolean {
    return this.#random.below(1_000) < share * 1_000;
  }

  #post(run: () => void): void {
    if (this.#chance(this.#faults.lost)) return;
    this.#serial += 1;
    this.#posts.push({ atMs: this.#nowMs + 1 + this.#random.below(MAX_DELAY_MS), serial: this.#serial, run });
  }

  #say(client: Client, input: DeliveryInput): void {
    this.#post(() => {
      // What somebody sent who has left meanwhile does not come from a session any more.
      if (this.clients.get(client.name) === client) this.#feed(input);
    });
  }

  #enterAs(client: Client): void {
    client.where = undefined;
    client.refusesSinceMs = undefined;
    client.enteredAtMs = this.#nowMs;
    this.#serial += 1;
    const keyPackage = blobOf(`${this.#chance(this.#faults.bad) ? 'bad' : 'kp'}-${this.#serial}`);
    this.#say(client, { kind: 'enter', participant: client.name, keyPackage });
  }

  /** What a heartbeat with the epoch in it would make a client notice. */
  #look(client: Client): void {
    client.looksAtMs = this.#nowMs + LOOK_EVERY_MS;
    const { where, name, refusesSinceMs } = client;
    if (refusesSinceMs !== undefined && this.#nowMs - refusesSinceMs > PATIENCE_MS) this.#enterAs(client);
    else if (where !== undefined) this.#say(client, { kind: 'catch-up', from: name, ...where });
    else if (this.#nowMs - client.enteredAtMs > PATIENCE_MS) this.#enterAs(client);
  }

  #feed(input: DeliveryInput): void {
    const before = this.#state;
    const { state, effects, wakeAtMs } = step(before, input, this.#nowMs);
    this.#state = state;
    this.#wakeAtMs = wakeAtMs;
    assert.ok(wakeAtMs === undefined || wakeAtMs > this.#nowMs, 'the service does not spin');
    for (const effect of effects) {
      this.#check(effect, before);
      this.#carry(effect);
    }
  }

  #check(effect: DeliveryEffect, before: DeliveryState): void {
    if (effect.kind === 'commit') {
      const epoch = `${effect.generation}/${effect.past.epoch}`;
      assert.equal(this.#counted.has(epoch), false, `one commit for epoch ${epoch}`);
      this.#counted.set(epoch, effect.past.commit.hash);
    }
    if (effect.kind === 'reopened') this.#counted.delete(`${before.generation}/${effect.epoch}`);
    if (effect.kind === 'welcome')
      assert.ok(this.#state.members.has(effect.to), 'who is welcomed is in the group');
    const isDeclined = effect.kind === 'refused' && effect.refusal.code === 'delivery.declined';
    if (isDeclined && !this.#isLossy && ableIn(before).length > 1)
      assert.match(before.waiting.get(effect.to)?.keyPackage.hash ?? '', /^bad/, 'one liar keeps nobody out');
    if (effect.kind === 'ask-commit' || effect.kind === 'ask-create')
      assert.ok(!this.#state.leaving.has(effect.to), 'nobody who leaves is asked');
  }

  #carry(effect: DeliveryEffect): void {
    if (effect.kind === 'expel') {
      const client = this.clients.get(effect.participant);
      if (client !== undefined) this.leave(client);
      return;
    }
    const to = typeof effect.to === 'string' ? [effect.to] : effect.to;
    for (const name of to)
      this.#post(() => {
        const client = this.clients.get(name);
        if (client !== undefined) this.#hear(client, effect);
      });
  }

  #hear(client: Client, effect: DeliveryEffect): void {
    const { name, where } = client;
    if (effect.kind === 'ask-create') {
      if (where === undefined && !this.#chance(this.#faults.silent))
        this.#say(client, { kind: 'created', from: name, generation: effect.generation, epoch: 0 });
    } else if (effect.kind === 'ask-commit') this.#answer(client, effect);
    else if (effect.kind === 'accepted') this.#adopt(client, effect.epoch);
    else if (effect.kind === 'commit') this.#take(client, effect.generation, [effect.past]);
    else if (effect.kind === 'welcome') this.#join(client, effect);
    else if (effect.kind === 'caught-up') this.#take(client, where?.generation ?? -1, effect.missed);
    else if (effect.kind === 'refused') this.#refused(client, effect);
    else if (effect.kind === 'reopened' && where !== undefined && where.epoch > effect.epoch)
      this.#enterAs(client);
  }

  /** Own work that was accepted; where the client is not where it was when it sent it, it has lost the thread. */
  #adopt(client: Client, epoch: number): void {
    if (client.where === undefined && epoch === 0)
      client.where = { generation: this.#state.generation, epoch };
    else if (client.where?.epoch === epoch - 1) client.where = { ...client.where, epoch };
    else if (client.where?.epoch !== epoch) this.#enterAs(client);
  }

  #answer(
    client: Client,
    { generation, epoch, add, remove }: Extract<DeliveryEffect, { kind: 'ask-commit' }>,
  ): void {
    const { where, name } = client;
    if (where?.generation !== generation || where.epoch !== epoch || this.#chance(this.#faults.silent))
      return;
    const good = new Set([...add].filter(([, blob]) => this.#isGood(client, blob)).map(([one]) => one));
    for (const one of add.keys())
      if (!good.has(one))
        this.#say(client, { kind: 'decline', from: name, generation, epoch, participant: one });
    if (good.size === 0 && remove.length === 0 && add.size > 0) return;
    this.#serial += 1;
    const isInvalid = this.#chance(this.#faults.invalid);
    this.#say(client, {
      kind: 'commit',
      from: name,
      generation,
      epoch,
      commit: blobOf(`${isInvalid ? 'invalid' : 'commit'}-${this.#serial}`),
      welcomes: new Map([...good].map((one) => [one, blobOf(isInvalid ? 'invalid' : `welcome-${one}`)])),
      removed: remove,
      tree: good.size === 0 ? undefined : blobOf(`tree-${this.#serial}`),
    });
  }

  #isGood({ lies }: Client, { hash }: Blob): boolean {
    const isWatched = ableIn(this.#state).length > HONEST_BESIDE_A_LIAR;
    return !hash.startsWith('bad') && !(lies && isWatched);
  }

  #take(client: Client, generation: number, missed: readonly PastCommit[]): void {
    for (const { epoch, commit } of missed) {
      const { where, name } = client;
      if (where?.generation !== generation || where.epoch !== epoch) continue;
      const said = { from: name, generation, epoch: epoch + 1 };
      if (commit.hash.startsWith('invalid')) {
        client.refusesSinceMs ??= this.#nowMs;
        this.#say(client, { kind: 'reject', ...said, reason: 'signed' });
      } else {
        client.where = { generation, epoch: epoch + 1 };
        client.refusesSinceMs = undefined;
        this.#say(client, { kind: 'adopted', ...said });
      }
    }
  }

  /** Who is welcomed looks at the whole tree too. */
  #join(client: Client, { welcome, generation, epoch }: Extract<DeliveryEffect, { kind: 'welcome' }>): void {
    if (welcome.hash === 'invalid') this.#enterAs(client);
    else client.where = { generation, epoch };
  }

  #refused(client: Client, { refusal, missed }: Extract<DeliveryEffect, { kind: 'refused' }>): void {
    const isLost = refusal.code === 'delivery.not-a-member' || refusal.code === 'delivery.too-old';
    const isDeclined = refusal.code === 'delivery.declined' && client.where === undefined;
    if (isDeclined || (isLost && client.where !== undefined)) this.#enterAs(client);
    else this.#take(client, client.where?.generation ?? -1, missed);
  }
}
