import assert from 'node:assert/strict';
import type { MeetingId } from '../../src/base/ids.ts';
import type { SignalingLimits } from '../../src/signaling/limits.ts';
import type { Store } from '../../src/signaling/ports.ts';
import type { StoreLimits } from '../../src/signaling/store/limits.ts';
import { ACT, type Act, type Order } from '../../src/trust/acts/act.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import { lawOf } from '../../src/trust/acts/law.ts';
import { type Place, startOf } from '../../src/trust/acts/place.ts';
import { openMeeting } from '../../src/trust/acts/state.ts';
import type { Charter, SignedCharter } from '../../src/trust/charter/charter.ts';
import { replay } from '../../src/trust/signing/chain.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { announce, type Ministry, newMeetingId, type Official, prove, vouch } from './ministry.ts';
import { granted } from './people.ts';
import type { RawClient, Received } from './raw-client.ts';
import { type Harness, startHarness } from './raw-client-harness.ts';
import { newFakeRig, type StoreRig } from './store-kinds.ts';

/** Somebody at a relay, by one connection. */
export interface Visitor {
  readonly who: Official;
  readonly client: RawClient;
  readonly session: string;
  readonly secret: string;
  /** The newest request to enter. */
  entering: number;
}

/** A relay with the meeting of one charter, over real sockets and on a driven clock; what people order is signed. */
export class ConductWorld {
  readonly ministry: Ministry;
  readonly #rig: StoreRig;
  readonly #limits: Partial<SignalingLimits>;
  server!: Harness;
  store!: Store;
  charter!: SignedCharter;
  /** As tests hand it in; the next start takes what it is then. */
  storeLimits: Partial<StoreLimits> = {};
  #numbers = new Map<string, number>();
  #announced = 0;

  private constructor(ministry: Ministry, limits: Partial<SignalingLimits>, rig: StoreRig) {
    this.ministry = ministry;
    this.#rig = rig;
    this.#limits = limits;
  }

  static async convene(
    ministry: Ministry,
    convener: Official,
    change: Partial<Charter> = {},
    limits: Partial<SignalingLimits> = {},
    rig = newFakeRig(),
  ): Promise<ConductWorld> {
    const world = new ConductWorld(ministry, limits, rig);
    await world.start();
    const charter = ministry.charter(convener, { meeting: newMeetingId(), ...change });
    const vouched = await ministry.sign(convener, charter);
    const { client, session } = await world.server.hello();
    const { meeting } = charter;
    const nonce = await world.#challenge(client, meeting, 'convene');
    const proof = await prove(convener, { nonce, connection: session, meeting, purpose: 'convene' });
    await client.done('convene', { charter: vouched, proof });
    await client.vanish();
    const judge = { root: ministry.people.root, nowUnixMs: world.server.clock.unixMs() };
    world.charter = granted(await openCharter(vouched, judge));
    return world;
  }

  get meeting(): MeetingId {
    return this.charter.opened.value.meeting;
  }

  async start(): Promise<void> {
    this.store = this.#rig.open(this.storeLimits);
    const people = { trust: this.ministry.trust(), store: this.store };
    this.server = await startHarness(people, this.#limits);
    await this.server.signaling.reopenMeetings();
  }

  async restart(): Promise<void> {
    await this.server.close();
    this.store.close();
    await this.start();
  }

  async #challenge(client: RawClient, meeting: MeetingId, purpose: 'enter' | 'convene'): Promise<string> {
    return String((await client.done('challenge', { meeting, purpose })).nonce);
  }

  /** Before the door, and not heard yet. */
  async knock(who: Official, number?: number): Promise<Visitor> {
    const visitor = { who, ...(await this.server.hello()), entering: 0 };
    await this.knockAgain(visitor, number);
    return visitor;
  }

  async knockAgain(visitor: Visitor, number = ++this.#announced): Promise<void> {
    const { who, client, session } = visitor;
    const { meeting } = this;
    const nonce = await this.#challenge(client, meeting, 'enter');
    const proof = await prove(who, { nonce, connection: session, meeting, purpose: 'enter' });
    const passport = { certificate: who.signer.certificate, clearance: who.clearance, proof };
    visitor.entering = client.ask('enter', { meeting, passport, ...(await announce(who, meeting, number)) });
  }

  async answered({ client, entering }: Visitor): Promise<Received> {
    return client.reply(entering);
  }

  async enter(who: Official): Promise<Visitor> {
    const visitor = await this.knock(who);
    const { ok, error } = await this.answered(visitor);
    assert.equal(ok, true, `${who.person}: ${error?.code}`);
    return visitor;
  }

  async wait(who: Official): Promise<Visitor> {
    const visitor = await this.knock(who);
    await visitor.client.event('waiting');
    return visitor;
  }

  /** Everything that is written, whoever may see it. */
  texts(): readonly string[] {
    return this.store.entriesAfter(this.meeting, 0, Number.MAX_SAFE_INTEGER);
  }

  /** What a client makes of the whole chain. */
  async play(texts = this.texts()): Promise<Place> {
    const { value, digest } = this.charter.opened;
    const start = startOf(openMeeting(value, digest, lawOf(this.ministry.scale)));
    return granted(await replay(start, texts, { root: this.ministry.people.root }));
  }

  async sign(who: Official, order: Order, change: Partial<Act> = {}): Promise<Vouched> {
    const number = (this.#numbers.get(who.device) ?? 0) + 1;
    this.#numbers.set(who.device, number);
    const { head } = await this.play();
    const act = {
      meeting: this.meeting,
      charter: this.charter.opened.digest,
      device: who.device,
      number,
      atUnixMs: this.server.clock.unixMs(),
      seen: head,
      order,
      ...change,
    };
    return vouch(who.signer, ACT, act);
  }

  /** `ok`, or the code of the rule. */
  async order({ who, client }: Visitor, order: Order, change: Partial<Act> = {}): Promise<string> {
    return codeOf(await client.request('act', { act: await this.sign(who, order, change) }));
  }

  async history({ client }: Visitor, after = 0): Promise<{ entries: string[]; head: Head }> {
    const { entries, head } = await client.done('history', { after });
    return { entries: entries as string[], head: head as Head };
  }

  async close(): Promise<void> {
    await this.server.close();
    this.store.close();
    this.#rig.end();
  }
}

/** The rule that an act was refused by stands at the head of the message. */
export const codeOf = ({ ok, error }: Received): string =>
  ok === true
    ? 'ok'
    : error?.code === 'act.refused'
      ? (String(error.message).split(':')[0] ?? '')
      : String(error?.code);
