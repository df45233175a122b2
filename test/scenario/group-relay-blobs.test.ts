/** What of a meeting's group travels beside the socket: bytes by their hash, for those who are in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { utf8 } from '../../src/base/bytes.ts';
import {
  FETCH_RATE,
  LOOSE_MS,
  MAX_BLOB_BYTES,
  MAX_OWN_BYTES,
  SWEEP_EVERY_MS,
  WELCOME_MS,
} from '../../src/signaling/group/limits.ts';
import { DEFAULT_LIMITS } from '../../src/signaling/limits.ts';
import type { WireGroupSaid } from '../../src/signaling/protocol/group-schemas.ts';
import { blobOf, digestOf, type GroupMember, GroupRelay } from '../support/group-relay.ts';
import { Ministry, newMeetingId, type Official } from '../support/ministry.ts';
import { eventually } from '../support/until.ts';

/** Of real time: Node's own. */
const SLOW_LIMITS = { httpHeadMs: 300, httpBodyMs: 1_500 };
const ALIVE_EVERY_MS = 5_000;
const NOTHING = digestOf('what nobody brought');

describe('blobs of a meeting', () => {
  let ministry: Ministry;
  let people: Official[];
  let relay: GroupRelay;
  let alice: GroupMember;
  let bob: GroupMember;

  before(async () => {
    ministry = await Ministry.open();
    people = await Promise.all(['alice', 'bob', 'carol'].map((name) => ministry.official(name)));
  });
  beforeEach(async () => {
    relay = await GroupRelay.start(ministry, people[0] as Official);
    alice = await relay.enter(people[0] as Official);
    bob = await relay.enter(people[1] as Official);
  });
  afterEach(() => relay.close());

  const codeIn = (body: Buffer): unknown => JSON.parse(body.toString()).code;
  const blobs = (meeting = relay.meeting) => `/v1/meetings/${meeting}/blobs`;

  /** Time in which these give signs of life. */
  const live = async (ms: number, ...members: readonly GroupMember[]) => {
    for (let leftMs = ms; leftMs > 0; leftMs -= ALIVE_EVERY_MS) {
      relay.server.clock.advance(Math.min(leftMs, ALIVE_EVERY_MS));
      for (const { client } of members) await client.request('request-key-frame', { consumer: 'none' });
    }
  };

  it('are fetched and brought one after the other on one connection, and a flood of idle ones keeps nobody out', async () => {
    const { hash } = await alice.keep('something');
    const agent = new Agent({ keepAlive: true });
    const isReused: boolean[] = [];
    const fetched = async (asked: Parameters<GroupRelay['http']>[0]) => {
      const answer = await relay.http({ ...asked, agent });
      assert.equal(answer.status, 200);
      isReused.push(answer.isReused);
    };
    for (let i = 0; i < 5; i++) {
      await fetched({ path: `${blobs()}/${hash}`, token: bob.token });
      await fetched({ method: 'PUT', path: blobs(), token: bob.token, body: utf8(`number ${i}`) });
    }
    assert.deepEqual(isReused, [false, ...Array(9).fill(true)]);
    const refused = await relay.http({ path: `${blobs()}/${NOTHING}`, token: bob.token, agent });
    assert.deepEqual([refused.status, refused.headers.connection], [403, 'close']);
    agent.destroy();
    const idle = Array.from({ length: 2 * DEFAULT_LIMITS.maxPendingConnections }, () =>
      connect({ host: '127.0.0.1', port: relay.server.port, localAddress: '127.0.0.2' }),
    );
    let ended = 0;
    for (const socket of idle) socket.on('error', () => {}).on('close', () => ended++);
    await eventually('most are over', () => ended >= idle.length - DEFAULT_LIMITS.maxPendingConnections / 2);
    assert.equal((await bob.get(hash)).status, 200);
    for (const socket of idle) socket.destroy();
  });

  it('are given to who has a token of the meeting, byte for byte, and to no cache', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const put = await alice.put(bytes);
    assert.deepEqual([put.status, JSON.parse(put.body.toString())], [200, { hash: blobOf(bytes).hash }]);
    const got = await bob.get(blobOf(bytes).hash);
    assert.equal(got.status, 200);
    assert.deepEqual(new Uint8Array(got.body), bytes);
    const { headers } = got;
    assert.deepEqual(
      ['content-type', 'cache-control', 'x-content-type-options', 'content-security-policy'].map(
        (name) => headers[name],
      ),
      ['application/octet-stream', 'no-store', 'nosniff', "default-src 'none'"],
    );
    assert.notEqual(alice.token, bob.token);
  });

  it('are one answer to everybody else: for no token, another, one of another meeting, and what is not there', async () => {
    const { hash } = await alice.keep('a tree');
    const other = newMeetingId();
    await relay.convene(people[0] as Official, other);
    const elsewhere = await relay.enter(people[2] as Official, other);
    const wrong = `${alice.token.slice(0, -1)}${alice.token.endsWith('A') ? 'B' : 'A'}`;
    const answers = await Promise.all([
      relay.http({ path: `${blobs()}/${hash}` }),
      alice.get(hash, wrong),
      alice.get(hash, ''),
      alice.get(hash, elsewhere.token),
      elsewhere.get(hash),
      elsewhere.get(hash, elsewhere.token, newMeetingId()),
      alice.get(NOTHING),
      alice.put(utf8('x'), elsewhere.token),
      relay.http({ path: blobs(), token: alice.token }),
      relay.http({ method: 'PUT', path: `${blobs()}/${hash}`, token: alice.token, body: utf8('x') }),
      relay.http({ method: 'DELETE', path: `${blobs()}/${hash}`, token: alice.token }),
      relay.http({ path: `${blobs()}/../${hash}`, token: alice.token }),
      relay.http({ path: '/v1/meetings/', token: alice.token }),
    ]);
    const [first] = answers;
    for (const { status, body, headers } of answers) {
      assert.equal(status, 403);
      assert.deepEqual(body, first?.body);
      assert.equal(headers['cache-control'], 'no-store');
    }
    assert.equal(codeIn(first?.body as Buffer), 'http.forbidden');
    assert.equal((await bob.get(hash)).status, 200);
  });

  it('are named to those alone whom they are for: nothing else opens one than its hash', async () => {
    const carol = await relay.enter(people[2] as Official);
    const { generation, epoch } = await relay.group(alice, bob);
    const next = await alice.commit({ generation, epoch }, []);
    await bob.heard('commit');
    await carol.client.request('request-key-frame', { consumer: 'none' });
    const told = (hash: string) =>
      Object.entries({ alice, bob, carol })
        .filter(([, member]) => JSON.stringify(member.words()).includes(hash))
        .map(([name]) => name);
    const first = `commit ${generation}/0 by ${alice.participant}`;
    assert.deepEqual(told(digestOf(`key package of ${bob.participant}`)), ['alice']);
    assert.deepEqual(told(digestOf(first)), ['alice'], 'who joins by it is given a Welcome');
    assert.deepEqual(told(digestOf(`welcome ${bob.participant}`)), ['bob']);
    assert.deepEqual(told(digestOf(`tree ${first}`)), ['bob']);
    assert.deepEqual(told(next.hash), ['alice', 'bob'], 'nobody who is in the meeting, and not in its group');
  });

  it('are closed at once to who leaves, to a page of another origin, and to strangers who go on asking', async () => {
    const { hash } = await alice.keep('a tree');
    const crossed = await relay.http({
      path: `${blobs()}/${hash}`,
      token: alice.token,
      headers: { origin: 'https://evil.example' },
    });
    assert.deepEqual([crossed.status, codeIn(crossed.body)], [403, 'http.origin']);
    await bob.client.done('leave');
    assert.equal((await bob.get(hash)).status, 403);
    assert.equal((await bob.put(utf8('x'))).status, 403);
    const many = await Promise.all(Array.from({ length: 310 }, () => bob.get(hash)));
    assert.equal(many.at(-1)?.status, 429);
    assert.equal((await alice.get(hash)).status, 200, 'not to the others behind the address');
  });

  it('are not taken where they are too large, announced or not', async () => {
    const large = new Uint8Array(MAX_BLOB_BYTES + 1);
    const announced = await alice.put(large).catch(() => undefined);
    if (announced !== undefined)
      assert.deepEqual([announced.status, codeIn(announced.body)], [413, 'http.too-large']);
    assert.equal((await alice.get(blobOf(large).hash)).status, 403);
    const socket = connect(relay.server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    socket.write(
      `PUT ${blobs()} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${alice.token}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.alloc(1 << 20);
    for (let i = 0; i < 6; i++)
      socket.write(Buffer.concat([utf8(`${chunk.length.toString(16)}\r\n`), chunk, utf8('\r\n')]));
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1.1 413 /);
    socket.destroy();
    const whole = new Uint8Array(MAX_BLOB_BYTES);
    assert.equal((await alice.put(whole)).status, 200, 'and nothing of it is held against her');
  });

  it('leave room for the others: who brings more than may be loses the oldest of the own', async () => {
    const fromBob = await bob.keep('of bob');
    const first = await alice.keep('the first of alice');
    for (let i = 0; i < MAX_OWN_BYTES / MAX_BLOB_BYTES; i++)
      assert.equal((await alice.put(new Uint8Array(MAX_BLOB_BYTES).fill(i + 1))).status, 200);
    assert.equal((await alice.get(first.hash)).status, 403);
    assert.equal((await bob.get(fromBob.hash)).status, 200);
    const last = blobOf(new Uint8Array(MAX_BLOB_BYTES).fill(MAX_OWN_BYTES / MAX_BLOB_BYTES));
    assert.equal((await bob.get(last.hash)).status, 200);
  });

  it('are not fetched without end by one participant', async () => {
    const whole = new Uint8Array(MAX_BLOB_BYTES);
    const { hash } = blobOf(whole);
    await alice.put(whole);
    const statuses: number[] = [];
    for (let i = 0; i <= FETCH_RATE.burst / MAX_BLOB_BYTES; i++) statuses.push((await bob.get(hash)).status);
    assert.deepEqual([statuses.at(-2), statuses.at(-1)], [200, 429]);
    assert.equal((await alice.get(hash)).status, 200);
  });

  it('are forgotten when nobody names them; those of the queue and of past commits stay', async () => {
    const loose = await alice.keep('never named');
    const carol = await relay.enter(people[2] as Official);
    await relay.group(alice, bob);
    const keyPackage = await carol.keep('a key package of carol');
    await carol.said({ kind: 'enter', keyPackage });
    const welcome = bob.words().find((heard) => heard.kind === 'welcome');
    assert.ok(welcome?.kind === 'welcome');
    await live(LOOSE_MS + SWEEP_EVERY_MS, alice, bob, carol);
    assert.equal((await bob.get(loose.hash)).status, 403);
    assert.equal((await bob.get(keyPackage.hash)).status, 200);
    assert.equal((await bob.get(blobOf(utf8(`commit 0/0 by ${alice.participant}`)).hash)).status, 200);
    assert.ok(LOOSE_MS > WELCOME_MS);
    assert.equal((await bob.get(welcome.welcome.hash)).status, 403, 'nobody joins by it any more');
  });

  it('of a Welcome stay until its joiner is ready', async () => {
    const at = await relay.group(alice, bob);
    const welcome = bob.words().find((heard) => heard.kind === 'welcome');
    assert.ok(welcome?.kind === 'welcome');
    await live(WELCOME_MS - 1_000, alice, bob);
    for (let i = 0; i < 2; i++) assert.equal((await bob.get(welcome.tree.hash)).status, 200);
    await bob.said({ kind: 'ready', ...at, digest: NOTHING, leaf: 1 });
    await live(LOOSE_MS - WELCOME_MS + SWEEP_EVERY_MS + 1_000, alice, bob);
    assert.equal((await bob.get(welcome.tree.hash)).status, 403);
  });

  it('must be here when they are named', async () => {
    await relay.group(alice, bob);
    const missing = blobOf(utf8('never brought'));
    const at = { generation: 0, epoch: 1 };
    const commit: WireGroupSaid = { kind: 'commit', ...at, commit: missing, welcomes: [], removed: [] };
    assert.equal((await alice.say(commit)).error?.code, 'group.blob-unknown');
    const kept = await alice.keep('a commit');
    const other: WireGroupSaid = { ...commit, commit: { ...kept, bytes: kept.bytes + 1 } };
    assert.equal((await alice.say(other)).error?.code, 'group.blob-unknown', 'nor of another size');
    assert.equal((await bob.say({ kind: 'enter', keyPackage: missing })).error?.code, 'group.blob-unknown');
  });

  it('that come too slowly end their connection, and count no longer', async () => {
    const slow = await GroupRelay.start(ministry, people[0] as Official, SLOW_LIMITS);
    const member = await slow.enter(people[0] as Official);
    const socket = connect(slow.server.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    const head = `PUT ${blobs(slow.meeting)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${member.token}\r\n`;
    socket.write(`${head}content-length: ${MAX_BLOB_BYTES}\r\n\r\n`);
    socket.write(new Uint8Array(MAX_BLOB_BYTES - 1));
    await once(socket, 'close');
    await slow.server.logged('blob.broken');
    for (let i = 1; i <= 2; i++)
      assert.equal((await member.put(new Uint8Array(MAX_BLOB_BYTES).fill(i))).status, 200);
    await slow.close();
  });
});
