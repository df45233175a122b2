import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { utf8 } from '../../src/base/bytes.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Source } from '../../src/base/media.ts';
import { ok } from '../../src/base/result.ts';
import { Hub } from '../../src/signaling/hub.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { Store } from '../../src/signaling/ports.ts';
import type { CloseCode } from '../../src/signaling/protocol/codes.ts';
import type { Peer } from '../../src/signaling/session/peer.ts';
import { StatsKeeper } from '../../src/signaling/stats.ts';
import { ACT, type Act, type Order } from '../../src/trust/acts/act.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import type { Charter } from '../../src/trust/charter/charter.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeMediaPlane } from './fake-media-plane.ts';
import { announce, type Ministry, type Official, prove, vouch } from './ministry.ts';
import { granted, NOW } from './people.ts';
import { newFakeRig } from './store-kinds.ts';

interface Heard {
  readonly re?: number;
  readonly ok?: boolean;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: { readonly kind: string } & Readonly<Record<string, unknown>>;
}

/** Never twice the same, and the same in every run. */
const countedBytes = () => {
  let count = 0;
  return (size: number) => {
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer).setUint32(0, ++count);
    return bytes;
  };
};

/** Nobody is cut for being silent: what cuts people here is told. */
const FOR_EVER_MS = 1_000_000_000;
const LIMITS = { ...DEFAULT_LIMITS, silentMs: FOR_EVER_MS, joinMs: FOR_EVER_MS, heartbeatMs: FOR_EVER_MS };

/** One connection to a hub in memory, and what came over it. */
export class MemoryClient {
  readonly who: Official;
  peer: Peer;
  closed: CloseCode | undefined;
  session = '';
  secret = '';
  /** By the replies to its entries and the events since: whom a client shows. */
  readonly roster = new Set<string>();
  participant: string | undefined;
  isWaiting = false;
  head: Head | undefined;
  readonly replies = new Map<number, Heard>();
  readonly entries: string[] = [];
  received = 0;
  /** Of all messages that it was sent. */
  largestBytes = 0;
  #nextId = 1;
  #transport: unknown;
  readonly #hub: Hub;

  constructor(hub: Hub, who: Official) {
    this.#hub = hub;
    this.who = who;
    this.peer = this.#connect();
  }

  #connect(): Peer {
    this.closed = undefined;
    return this.#hub.connect({
      send: (bytes) => {
        this.largestBytes = Math.max(this.largestBytes, bytes.length);
        this.#hear(JSON.parse(Buffer.from(bytes).toString()) as Heard);
      },
      ping() {},
      onRefused() {},
      close: (code) => {
        this.closed = code;
      },
      waitingBytes: 0,
    });
  }

  get isConnected(): boolean {
    return this.peer.isOpen;
  }

  #hear(message: Heard & { readonly seq?: number }): void {
    if (message.seq !== undefined) this.received = message.seq;
    if (message.re !== undefined) this.replies.set(message.re, message);
    if (message.body?.roster !== undefined) this.#enters(message.body);
    if (message.event !== undefined) this.#event(message.event);
  }

  #enters({ participant, roster, head }: Readonly<Record<string, unknown>>): void {
    this.participant = String(participant);
    this.#transport = undefined;
    this.head = head as Head;
    for (const one of roster as { participant: string }[]) this.roster.add(one.participant);
  }

  #event(event: NonNullable<Heard['event']>): void {
    if (event.kind === 'entry') this.entries.push(String(event.entry));
    if (event.kind === 'roster')
      for (const one of event.roster as { participant: string }[]) this.roster.add(one.participant);
    if (event.kind === 'participant-joined') this.roster.add(String(event.participant));
    if (event.kind === 'participant-left') this.roster.delete(String(event.participant));
    if (event.kind === 'waiting') this.isWaiting = true;
    if (event.kind === 'to-lobby') {
      this.participant = undefined;
      this.roster.clear();
    }
  }

  say(kind: string, fields: object = {}): number {
    const id = this.#nextId++;
    this.peer.message(utf8(JSON.stringify({ id, kind, ...fields })), false);
    return id;
  }

  async ask(kind: string, fields: object = {}): Promise<Heard> {
    const id = this.say(kind, fields);
    await nextTurn();
    return this.replies.get(id) ?? assert.fail(`${kind} was not answered`);
  }

  async produces(source: Source): Promise<boolean | undefined> {
    this.#transport ??= (await this.ask('create-transport', { direction: 'send' })).body?.transport;
    const codecs = [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }];
    const rtpParameters = { codecs, headerExtensions: [], encodings: [{ ssrc: 1 }], rtcp: { cname: 'x' } };
    return (await this.ask('produce', { transport: this.#transport, source, rtpParameters, paused: false }))
      .ok;
  }

  cut(): void {
    this.peer.gone();
  }

  /** Its entry was answered: now, or by the chair’s word of later. */
  settle(entering: number): boolean | undefined {
    const reply = this.replies.get(entering);
    if (reply !== undefined) this.isWaiting = false;
    return reply?.ok;
  }

  async resume(meeting: MeetingId): Promise<boolean> {
    const { session, secret, received } = this;
    const proof = await prove(this.who, { nonce: secret, connection: session, meeting, purpose: 'resume' });
    this.peer = this.#connect();
    const id = 1_000_000 + received;
    const resume = { session, secret, received, proof };
    this.peer.message(utf8(JSON.stringify({ id, kind: 'hello', version: 1, resume })), false);
    await nextTurn();
    const welcome = this.replies.get(id);
    if (welcome?.ok === true) this.secret = String(welcome.body?.secret);
    return welcome?.ok === true;
  }
}

/** The real hub and everything below it, without sockets, media and disks: the meeting of one charter. */
export class MemoryRelay {
  readonly ministry: Ministry;
  readonly clock = new FakeClock(NOW);
  readonly media = new FakeMediaPlane();
  readonly hub: Hub;
  readonly failures: string[] = [];
  meeting!: MeetingId;
  digest!: StatementDigest;
  markingsRaised = 0;
  #announced = 0;

  constructor(ministry: Ministry, store: Store = newFakeRig().open()) {
    this.ministry = ministry;
    const note = (event: string) => this.failures.push(event);
    this.hub = new Hub({
      media: this.media,
      audit: { write: () => ok(undefined) },
      clock: this.clock,
      randomBytes: countedBytes(),
      logger: { ...silentLogger, error: note },
      redact: (id) => id,
      limits: LIMITS,
      stats: new StatsKeeper(),
      people: { trust: ministry.trust(), store },
    });
    const { groups } = this.hub;
    const { restart } = groups;
    groups.restart = (meeting) => {
      this.markingsRaised++;
      restart.call(groups, meeting);
    };
  }

  async convene(convener: Official, charter: Charter): Promise<void> {
    const vouched = await this.ministry.sign(convener, charter);
    this.meeting = charter.meeting;
    const judge = { root: this.ministry.people.root, nowUnixMs: NOW };
    this.digest = granted(await openCharter(vouched, judge)).opened.digest;
    const client = await this.connect(convener);
    const proof = await this.#prove(client, 'convene');
    assert.equal((await client.ask('convene', { charter: vouched, proof })).ok, true);
    client.cut();
  }

  async connect(who: Official): Promise<MemoryClient> {
    const client = new MemoryClient(this.hub, who);
    const { body } = await client.ask('hello', { version: 1 });
    client.session = String(body?.session);
    client.secret = String(body?.secret);
    return client;
  }

  async #prove(client: MemoryClient, purpose: 'enter' | 'convene') {
    const { meeting } = this;
    const { body } = await client.ask('challenge', { meeting, purpose });
    return prove(client.who, { nonce: String(body?.nonce), connection: client.session, meeting, purpose });
  }

  /** The id of the request; by then whoever comes in or waits has heard so. */
  async knock(client: MemoryClient): Promise<number> {
    const { signer, clearance } = client.who;
    const proof = await this.#prove(client, 'enter');
    const passport = { certificate: signer.certificate, clearance, proof };
    const announced = await announce(client.who, this.meeting, ++this.#announced);
    const id = client.say('enter', { meeting: this.meeting, passport, ...announced });
    await nextTurn();
    return id;
  }

  sign(who: Official, number: number, order: Order, change: Partial<Act> = {}): Promise<Vouched> {
    const seen = { n: 0, digest: this.digest };
    const atUnixMs = this.clock.unixMs();
    const { meeting, digest: charter } = this;
    return vouch(who.signer, ACT, {
      meeting,
      charter,
      device: who.device,
      number,
      atUnixMs,
      seen,
      order,
      ...change,
    });
  }
}
