import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Agent, request as httpRequest } from 'node:http';
import { utf8 } from '../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId } from '../../src/base/ids.ts';
import { BATCH_MS, silentAfterMs } from '../../src/signaling/delivery/limits.ts';
import type { Blob } from '../../src/signaling/delivery/state.ts';
import type { SignalingLimits } from '../../src/signaling/limits.ts';
import type { WireGroupHeard, WireGroupSaid } from '../../src/signaling/protocol/group-schemas.ts';
import { FakeDisk, FakeStore } from './fake-store.ts';
import { announce, type Ministry, newMeetingId, type Official, prove } from './ministry.ts';
import type { RawClient, Received } from './raw-client.ts';
import { type Harness, startHarness } from './raw-client-harness.ts';

export type HeardOf<Kind extends WireGroupHeard['kind']> = Extract<WireGroupHeard, { kind: Kind }>;

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  /** On a connection of before. */
  readonly isReused: boolean;
}

interface HttpAsked {
  readonly method?: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: Uint8Array;
  readonly headers?: Record<string, string>;
  /** Absent: a connection of its own. */
  readonly agent?: Agent;
}

/** More than the members of any test's group. */
const MAX_TURNS = 6;

const heardIn = ({ event }: Received): WireGroupHeard | undefined =>
  event?.kind === 'group' ? (event.heard as WireGroupHeard) : undefined;

export const blobOf = (bytes: Uint8Array): Blob => ({
  hash: createHash('sha256').update(bytes).digest('base64url'),
  bytes: bytes.length,
});
export const digestOf = (text: string): string => blobOf(utf8(text)).hash;

/** Somebody in a meeting with a charter, who speaks of its group in whatever way a test wants. */
export class GroupMember {
  readonly client: RawClient;
  readonly participant: ParticipantId;
  readonly meeting: MeetingId;
  readonly token: string;
  readonly #relay: GroupRelay;
  #heardUpTo = 0;

  constructor(relay: GroupRelay, client: RawClient, meeting: MeetingId, body: Received['body']) {
    this.#relay = relay;
    this.client = client;
    this.meeting = meeting;
    this.participant = asId<ParticipantId>(String(body?.participant));
    this.token = String(body?.blobToken);
  }

  say(said: WireGroupSaid): Promise<Received> {
    return this.client.request('group', { said });
  }

  async said(said: WireGroupSaid): Promise<void> {
    const reply = await this.say(said);
    assert.equal(reply.ok, true, `${said.kind}: ${reply.error?.code}`);
    assert.deepEqual(reply.body, {});
  }

  put(bytes: Uint8Array, token = this.token, meeting = this.meeting): Promise<HttpAnswer> {
    return this.#relay.http({ method: 'PUT', path: `/v1/meetings/${meeting}/blobs`, token, body: bytes });
  }

  get(hash: string, token = this.token, meeting = this.meeting): Promise<HttpAnswer> {
    return this.#relay.http({ path: `/v1/meetings/${meeting}/blobs/${hash}`, token });
  }

  async keep(text: string): Promise<Blob> {
    const bytes = utf8(text);
    const put = await this.put(bytes);
    assert.equal(put.status, 200, put.body.toString());
    assert.deepEqual(JSON.parse(put.body.toString()), { hash: blobOf(bytes).hash });
    return blobOf(bytes);
  }

  async enter(text = `key package of ${this.participant}`): Promise<void> {
    await this.said({ kind: 'enter', keyPackage: await this.keep(text) });
  }

  /** The next word of that kind, after those that were returned before. */
  async heard<Kind extends WireGroupHeard['kind']>(kind: Kind): Promise<HeardOf<Kind>> {
    const found = await this.client.until((message) => {
      const isNew = (message.seq ?? 0) > this.#heardUpTo;
      return isNew && heardIn(message)?.kind === kind;
    });
    this.#heardUpTo = found.seq ?? 0;
    return heardIn(found) as HeardOf<Kind>;
  }

  /** Everything so far. */
  words(): WireGroupHeard[] {
    return this.client.received.flatMap((message) => heardIn(message) ?? []);
  }

  /** Bytes that stand for a commit, and for what those who join by it need. */
  async commit(
    { generation, epoch }: { readonly generation: number; readonly epoch: number },
    added: readonly ParticipantId[],
    removed: readonly ParticipantId[] = [],
    name = `commit ${generation}/${epoch} by ${this.participant}`,
  ): Promise<Blob> {
    const commit = await this.keep(name);
    const welcomes = await Promise.all(
      added.map(async (participant) => ({ participant, blob: await this.keep(`welcome ${participant}`) })),
    );
    const tree = added.length === 0 ? {} : { tree: await this.keep(`tree ${name}`) };
    await this.said({
      kind: 'commit',
      generation,
      epoch,
      commit,
      welcomes,
      removed: [...removed],
      ...tree,
    });
    return commit;
  }
}

const serve = (ministry: Ministry, disk: FakeDisk, limits: Partial<SignalingLimits> = {}): Promise<Harness> =>
  startHarness({ trust: ministry.trust(), store: new FakeStore(disk) }, limits);

/** A relay with a meeting that has a charter, on a driven clock and over real sockets; media alone is made up. */
export class GroupRelay {
  server: Harness;
  readonly ministry: Ministry;
  readonly disk: FakeDisk;
  meeting: MeetingId;
  #number = 0;

  private constructor(server: Harness, ministry: Ministry, disk: FakeDisk, meeting: MeetingId) {
    this.server = server;
    this.ministry = ministry;
    this.disk = disk;
    this.meeting = meeting;
  }

  static async start(
    ministry: Ministry,
    convener: Official,
    limits: Partial<SignalingLimits> = {},
  ): Promise<GroupRelay> {
    const disk = new FakeDisk();
    const server = await serve(ministry, disk, limits);
    const relay = new GroupRelay(server, ministry, disk, newMeetingId());
    await relay.convene(convener, relay.meeting);
    return relay;
  }

  /** As a process would that was killed: the store alone remembers. */
  async restart(): Promise<void> {
    await this.server.close();
    this.server = await serve(this.ministry, this.disk);
    await this.server.signaling.reopenMeetings();
  }

  async convene(by: Official, meeting: MeetingId): Promise<void> {
    const { client, session } = await this.server.hello();
    const { nonce } = await client.done('challenge', { meeting, purpose: 'convene' });
    const asked = { nonce: String(nonce), connection: session, meeting, purpose: 'convene' } as const;
    const charter = await this.ministry.sign(by, this.ministry.charter(by, { meeting }));
    await client.done('convene', { charter, proof: await prove(by, asked) });
    await client.vanish();
  }

  async enter(who: Official, meeting = this.meeting): Promise<GroupMember> {
    const { client, session } = await this.server.hello();
    const { nonce } = await client.done('challenge', { meeting, purpose: 'enter' });
    const asked = { nonce: String(nonce), connection: session, meeting, purpose: 'enter' } as const;
    const passport = {
      certificate: who.signer.certificate,
      clearance: who.clearance,
      proof: await prove(who, asked),
    };
    this.#number += 1;
    const announced = await announce(who, meeting, 100_000 + this.#number);
    const body = await client.done('enter', { meeting, passport, ...announced });
    return new GroupMember(this, client, meeting, body);
  }

  /** A group of these, in the epoch after the one that the first of them began. */
  async group(...members: readonly GroupMember[]): Promise<{ generation: number; epoch: number }> {
    const [first, ...others] = members;
    assert.ok(first);
    await first.enter();
    const { generation } = await first.heard('ask-create');
    await first.said({ kind: 'created', generation, epoch: 0 });
    await first.heard('accepted');
    if (others.length === 0) return { generation, epoch: 0 };
    for (const other of others) await other.enter();
    this.server.clock.advance(BATCH_MS);
    const asked = await first.heard('ask-commit');
    await first.commit(
      asked,
      asked.add.map(({ participant }) => participant),
    );
    await first.heard('accepted');
    for (const other of others) await other.heard('welcome');
    return { generation, epoch: 1 };
  }

  /** To renew its path, in its turn: whoever is asked before is silent. */
  async turnOf(
    member: GroupMember,
    at: { readonly generation: number; readonly epoch: number },
  ): Promise<void> {
    const isAsked = () =>
      member.words().some((heard) => heard.kind === 'ask-commit' && heard.epoch === at.epoch);
    for (let i = 0; i < MAX_TURNS && !isAsked(); i++) {
      this.server.clock.advance(silentAfterMs(MAX_TURNS));
      // The answer comes after what was told before it.
      await member.said({ kind: 'catch-up', ...at });
    }
    assert.ok(isAsked(), 'it was asked');
  }

  http({ method = 'GET', path, token, body, headers = {}, agent }: HttpAsked): Promise<HttpAnswer> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port: this.server.port, method, path, agent: agent ?? false };
    return new Promise((resolve, reject) => {
      const request = httpRequest({ ...options, headers: { ...authorization, ...headers } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts),
            isReused: request.reusedSocket,
          }),
        );
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
