import assert from 'node:assert/strict';
import type { MeetingId } from '../../src/base/ids.ts';
import { DEFAULT_LIMITS, type SignalingLimits } from '../../src/signaling/limits.ts';
import type { PeopleTrust } from '../../src/signaling/ports.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import type { Envelope } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { FakeDisk, FakeStore } from './fake-store.ts';
import { announce, type Ministry, newMeetingId, type Official, prove } from './ministry.ts';
import type { RawClient, Received } from './raw-client.ts';
import { type Harness, startHarness } from './raw-client-harness.ts';

const { entryRefusalMs } = DEFAULT_LIMITS;

/** Everything that an entry shows. */
export interface Entry {
  meeting: MeetingId;
  certificate: string;
  clearance: Vouched;
  proof: Envelope;
  announcement: object;
  presence: Envelope;
}

interface Restart {
  readonly trust?: PeopleTrust;
  readonly store?: FakeStore;
  readonly limits?: Partial<SignalingLimits>;
}

type CharterChange = Parameters<Ministry['charter']>[1];

/** A relay with one meeting, and clients without manners that come to its door with whatever they like. */
export class Doorstep {
  readonly #ministry: Ministry;
  readonly #convener: Official;
  #disk = new FakeDisk();
  #server: Harness | undefined;
  #meeting = newMeetingId();
  #number = 0;

  constructor(ministry: Ministry, convener: Official) {
    this.#ministry = ministry;
    this.#convener = convener;
  }

  get server(): Harness {
    return this.#server ?? assert.fail('the relay has not been started');
  }

  /** What outlives the relay. */
  get disk(): FakeDisk {
    return this.#disk;
  }

  /** Which is entered, unless an entry names another. */
  get meeting(): MeetingId {
    return this.#meeting;
  }

  /** Of who was prepared last. */
  get number(): number {
    return this.#number;
  }

  goTo(meeting: MeetingId): void {
    this.#meeting = meeting;
  }

  /** A relay without a past, and its meeting. */
  async begin(): Promise<void> {
    this.#disk = new FakeDisk();
    this.#server = await this.#start({});
    this.#meeting = newMeetingId();
    await this.convene(this.#convener, { meeting: this.#meeting });
  }

  async end(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  /** With what it finds on its disk. */
  async restart(changed: Restart = {}): Promise<void> {
    await this.end();
    this.#server = await this.#start(changed);
    await this.server.signaling.reopenMeetings();
  }

  async challenge(client: RawClient, meeting: MeetingId, purpose: 'enter' | 'convene'): Promise<string> {
    return String((await client.done('challenge', { meeting, purpose })).nonce);
  }

  async convening(by: Official, change: CharterChange = {}) {
    const charter = this.#ministry.charter(by, change);
    const { client, proof } = await this.#provesConvening(by, charter.meeting);
    return { client, charter: await this.#ministry.sign(by, charter), proof };
  }

  async convene(by: Official, change: CharterChange = {}): Promise<void> {
    const { client, charter, proof } = await this.convening(by, change);
    await client.done('convene', { charter, proof });
  }

  /** Brings a charter that was signed before, over a connection of its own. */
  async askAgain(by: Official, { meeting }: Charter, charter: Vouched) {
    const { client, proof } = await this.#provesConvening(by, meeting);
    const from = this.server.log.length;
    return { client, id: client.ask('convene', { charter, proof }), from };
  }

  async prepare(who: Official) {
    const meeting = this.#meeting;
    const { client, session, secret } = await this.server.hello();
    const nonce = await this.challenge(client, meeting, 'enter');
    const proof = await prove(who, { nonce, connection: session, meeting, purpose: 'enter' });
    const { certificate } = who.signer;
    const shown = await announce(who, meeting, ++this.#number);
    const entry: Entry = { meeting, certificate, clearance: who.clearance, proof, ...shown };
    return { client, session, secret, entry, nonce };
  }

  send(client: RawClient, entry: Entry): number {
    const { meeting, certificate, clearance, proof, announcement, presence } = entry;
    return client.ask('enter', {
      meeting,
      passport: { certificate, clearance, proof },
      announcement,
      presence,
    });
  }

  async enter(who: Official) {
    const prepared = await this.prepare(who);
    const reply = await prepared.client.reply(this.send(prepared.client, prepared.entry));
    assert.equal(reply.ok, true, reply.error?.code);
    return { ...prepared, reply };
  }

  /** The answer, once the clock has reached its deadline and not a millisecond before. */
  async answerAt(client: RawClient, id: number): Promise<Received> {
    this.server.clock.advance(entryRefusalMs - 1);
    await client.request('request-key-frame', { consumer: 'none' });
    const isAnswered = client.received.some(({ re }) => re === id);
    assert.equal(isAnswered, false, 'nothing before the deadline');
    this.server.clock.advance(1);
    return client.reply(id);
  }

  /** What the record says last: of a decision what was asked, whether it was allowed, and by which rule. */
  lastRule(): string | undefined {
    const entry = this.server.record.entries.at(-1);
    return entry?.kind === 'decision' ? `${entry.asked} ${entry.allowed} ${entry.rule}` : entry?.kind;
  }

  /** All decisions so far, as what was asked and by which rule it was decided. */
  rules(): string[] {
    return this.server.record.entries
      .filter((entry) => entry.kind === 'decision')
      .map(({ asked, rule }) => `${asked} ${rule}`);
  }

  /** That the request is answered as every refused one, and that the record says which rule it was. */
  async refused(client: RawClient, id: number, rule: string, from = 0): Promise<void> {
    await this.server.logged('entry.refused', from);
    assert.equal((await this.answerAt(client, id)).error?.code, 'entry.refused');
    assert.equal(this.lastRule(), rule);
  }

  async #provesConvening(by: Official, meeting: MeetingId) {
    const { client, session } = await this.server.hello();
    const nonce = await this.challenge(client, meeting, 'convene');
    return { client, proof: await prove(by, { nonce, connection: session, meeting, purpose: 'convene' }) };
  }

  #start({
    trust = this.#ministry.trust(),
    store = new FakeStore(this.#disk),
    limits = {},
  }: Restart): Promise<Harness> {
    return startHarness({ trust, store }, limits);
  }
}
