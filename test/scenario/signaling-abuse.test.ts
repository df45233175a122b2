import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { asId, type ConsumerId, type ProducerId } from '../../src/base/ids.ts';
import {
  MAX_DEPTH,
  MAX_FRAGMENTS,
  MAX_MESSAGE_BYTES,
  MAX_VALUES,
} from '../../src/signaling/protocol/limits.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  CLOSE,
  CONTINUATION,
  exchange,
  frameBytes,
  PONG,
  RawSocket,
  TEXT,
  upgradeHead,
} from '../support/raw-client-frames.ts';
import {
  type Joined,
  MEETING,
  OTHER_MEETING,
  type RawMeeting,
  startRawMeeting,
} from '../support/raw-meeting.ts';
import { eventually } from '../support/until.ts';

const HELLO = '{"id":1,"kind":"hello","version":1}';

describe('bad input over real sockets', () => {
  let server: RawMeeting;
  let bystander: Joined;
  beforeEach(async () => {
    server = await startRawMeeting();
    bystander = await server.join(1);
  });
  afterEach(async () => {
    await bystander.client.done('create-transport', { direction: 'send' });
    await server.close();
  });

  const CLOSES: Readonly<Record<string, readonly [number, string, (client: RawClient) => void]>> = {
    'a request before hello': [4401, 'order.hello-first', (client) => client.ask('leave')],
    'an ack before hello': [4401, 'order.hello-first', (client) => client.ack(1)],
    'a malformed hello': [4400, 'protocol.unanswerable', (client) => client.ask('hello', { version: 'x' })],
    'a message without an id': [4400, 'protocol.unanswerable', (client) => client.send({ kind: 'leave' })],
    'a binary message': [4400, 'protocol.binary', (client) => client.sendBinary(Buffer.from(HELLO))],
    'no JSON': [4400, 'protocol.not-json', (client) => client.sendText('{"id":1,')],
    'no object': [4400, 'protocol.not-json', (client) => client.sendText('[1]')],
    'a key twice': [
      4400,
      'protocol.duplicate-key',
      (client) => client.sendText('{"id":1,"kind":"hello","version":1,"k\\u0069nd":"leave"}'),
    ],
    'the key __proto__': [
      4400,
      'protocol.forbidden-key',
      (client) => client.sendText('{"id":1,"kind":"hello","version":1,"__proto__":{}}'),
    ],
    'deep nesting': [
      4400,
      'protocol.too-deep',
      (client) => client.sendText(`${'['.repeat(MAX_DEPTH + 1)}${']'.repeat(MAX_DEPTH + 1)}`),
    ],
    'too many values': [
      4400,
      'protocol.too-many-values',
      (client) => client.sendText(`[${Array(MAX_VALUES).fill('1').join(',')}]`),
    ],
    // From here on ws refuses by itself: the close frame has a status and no text.
    'too many bytes': [1009, '', (client) => client.sendText(' '.repeat(MAX_MESSAGE_BYTES + 1))],
  };
  for (const [what, [status, reason, misbehave]] of Object.entries(CLOSES))
    it(`closes with ${status} ${reason} on ${what}`, async () => {
      const client = await RawClient.open(server.url);
      misbehave(client);
      assert.deepEqual(await client.closed, { status, reason });
      assert.deepEqual(client.received, []);
    });

  it('takes a message of exactly the largest size and of exactly the most fragments', async () => {
    const socket = await RawSocket.open(server.port);
    const parts = [...HELLO].slice(0, MAX_FRAGMENTS - 1);
    parts.push(HELLO.slice(MAX_FRAGMENTS - 1));
    sendParts(socket, parts);
    const client = await RawClient.open(server.url);
    client.sendText(HELLO.padEnd(MAX_MESSAGE_BYTES, ' '));
    assert.equal((await client.reply(1)).ok, true);
    while (server.signaling.stats().sessions < 3) await new Promise((resolve) => setImmediate(resolve));
    socket.end();
  });

  const sendParts = (socket: RawSocket, parts: readonly string[]): void =>
    parts.forEach((part, at) => {
      socket.send({
        opcode: at === 0 ? TEXT : CONTINUATION,
        payload: Buffer.from(part),
        fin: at === parts.length - 1,
      });
    });

  it('closes on too many fragments', async () => {
    const socket = await RawSocket.open(server.port);
    sendParts(socket, Array(MAX_FRAGMENTS + 1).fill(' '));
    assert.equal((await socket.closed).status, 1008);
    assert.equal(server.signaling.stats().malformed['protocol.too-many-fragments'], 1);
  });

  it('closes on a frame that comes byte by byte', async () => {
    const socket = await RawSocket.open(server.port);
    const bytes = frameBytes({ opcode: TEXT, payload: Buffer.alloc(MAX_MESSAGE_BYTES / 2, ' ') });
    for (const byte of bytes) {
      if (!socket.isOpen) break;
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await socket.closed).status, 1008);
  });

  it('closes on what no end of a connection may say', async () => {
    const saying = (code: number, text: Uint8Array = new Uint8Array()) =>
      Uint8Array.of(code >> 8, code & 0xff, ...text);
    const closes: readonly [Uint8Array, number][] = [
      [Uint8Array.of(3), 1002],
      [saying(0), 1002],
      [saying(1005), 1002],
      [saying(1000, Uint8Array.of(0xff)), 1007],
    ];
    for (const [payload, status] of closes) {
      const socket = await RawSocket.open(server.port);
      socket.send({ opcode: CLOSE, payload });
      assert.equal((await socket.closed).status, status, String(payload));
    }
  });

  it('closes on text that is not UTF-8', async () => {
    const socket = await RawSocket.open(server.port);
    socket.send({ opcode: TEXT, payload: Uint8Array.of(0x22, 0xff, 0x22) });
    assert.equal((await socket.closed).status, 1007);
  });

  it('closes on compressed, unmasked and unknown frames', async () => {
    for (const frame of [
      { opcode: TEXT, compressed: true },
      { opcode: TEXT, masked: false },
      { opcode: 5 },
      { opcode: CONTINUATION },
    ]) {
      const socket = await RawSocket.open(server.port);
      socket.send({ payload: Buffer.from(HELLO), ...frame });
      assert.equal((await socket.closed).status, 1002);
    }
    assert.equal(server.signaling.stats().malformed['protocol.framing'], 4);
  });

  it('negotiates no compression and no other subprotocol', async () => {
    const answer = exchange(
      server.port,
      `${upgradeHead('/v1/meet', { 'Sec-WebSocket-Extensions': 'permessage-deflate', 'Sec-WebSocket-Protocol': 'other, belfry.v1' })}\x88\x80\0\0\0\0`,
    );
    const head = (await answer).toLowerCase();
    assert.match(head, /^http\/1.1 101/);
    assert.doesNotMatch(head, /extensions/);
    assert.match(head, /sec-websocket-protocol: belfry\.v1\r/);
  });

  it('answers unknown kinds and wrong types and goes on', async () => {
    const { client } = await server.join(2);
    assert.equal(await client.refusal('constructor'), 'protocol.unknown-kind');
    const reply = await client.request('create-transport', { direction: 'SECRET-sideways' });
    assert.equal(reply.error?.code, 'protocol.invalid');
    assert.equal(reply.error?.message, 'direction: invalid_value');
    assert.equal(
      await client.refusal('create-transport', { direction: 'send', extra: 1 }),
      'protocol.invalid',
    );
    await client.done('create-transport', { direction: 'send' });
    assert.equal(server.signaling.stats().malformed['protocol.invalid'], 2);
  });

  it('takes who misbehaves out of the meeting at once', async () => {
    const { client, participant } = await server.join(2);
    client.sendText('nonsense');
    assert.equal((await client.closed).reason, 'protocol.not-json');
    assert.deepEqual(await bystander.client.event('participant-left'), {
      kind: 'participant-left',
      participant,
      why: 'removed',
    });
  });

  it('cuts a flood, before the join and after it', async () => {
    const { client: early } = await server.hello();
    for (let i = 0; i < 50; i++) early.ask('leave');
    assert.deepEqual(await early.closed, { status: 4406, reason: 'rate.exceeded' });
    const { client: member } = await server.join(2);
    for (let i = 0; i < 1_600; i++) member.ack(0);
    assert.deepEqual(await member.closed, { status: 4406, reason: 'rate.exceeded' });
    const { client: pinger } = await server.hello();
    for (let i = 0; i < 50; i++) pinger.ping();
    assert.deepEqual(await pinger.closed, { status: 4406, reason: 'rate.exceeded' });
    const answerer = await RawSocket.open(server.port);
    for (let i = 0; i < 50; i++) answerer.send({ opcode: PONG });
    assert.deepEqual(await answerer.closed, { status: 4406, reason: 'rate.exceeded' });
  });
});

describe('HTTP around the sockets', () => {
  let server: RawMeeting;
  beforeEach(async () => {
    server = await startRawMeeting({ maxSockets: 2, maxPendingConnections: 2, httpHeadMs: 200 });
  });
  afterEach(() => server.close());

  it('says in one line what it is', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /^Belfry signaling.*belfry\.v1\.\n$/);
  });

  it('answers everything else with a short coded refusal', async () => {
    for (const path of ['/v1/meet', '/x']) {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
      assert.equal(response.status, 404);
      assert.equal(((await response.json()) as { code: string }).code, 'http.not-found');
    }
  });

  const UPGRADES: Readonly<Record<string, readonly [number, string, string, Record<string, string>?]>> = {
    'another path': [404, 'http.not-found', '/v2/meet'],
    'no subprotocol': [400, 'http.subprotocol', '/v1/meet', { 'Sec-WebSocket-Protocol': '' }],
    'another subprotocol': [400, 'http.subprotocol', '/v1/meet', { 'Sec-WebSocket-Protocol': 'belfry.v2' }],
    'a page of another origin': [403, 'http.origin', '/v1/meet', { Origin: 'https://elsewhere.example' }],
    'an opaque origin': [403, 'http.origin', '/v1/meet', { Origin: 'null' }],
    'a malformed key': [400, 'http.bad-upgrade', '/v1/meet', { 'Sec-WebSocket-Key': 'x' }],
  };
  for (const [what, [status, code, path, headers]] of Object.entries(UPGRADES))
    it(`turns away ${what}`, async () => {
      const answer = await exchange(server.port, upgradeHead(path, headers));
      assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer);
      assert.equal(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').code, code);
      assert.equal(server.signaling.stats().turnedAway[code], 1);
    });

  it('takes a page of its own origin', async () => {
    const head = upgradeHead('/v1/meet', { Host: 'localhost:8470', Origin: 'http://localhost:8470' });
    assert.match(await exchange(server.port, `${head}\x88\x80\0\0\0\0`), /^HTTP\/1.1 101/);
  });

  it('turns away who comes when it is full, and takes the next when there is room', async () => {
    const first = await server.hello();
    await RawClient.open(server.url, '127.0.0.2');
    await assert.rejects(RawClient.open(server.url, '127.0.0.3'), /503/);
    await first.client.vanish();
    while (server.signaling.stats().sockets > 1) await new Promise((resolve) => setImmediate(resolve));
    await RawClient.open(server.url, '127.0.0.3');
  });

  it('takes half of its websockets from one address at most: others find room beside it', async (t) => {
    const roomy = await startRawMeeting({ maxSockets: 8 });
    t.after(() => roomy.close());
    const flood = [];
    for (let i = 0; i < 4; i++) flood.push((await roomy.hello()).client);
    await assert.rejects(RawClient.open(roomy.url), /503/);
    assert.equal(roomy.signaling.stats().turnedAway['http.full'], 1);
    for (let i = 0; i < 4; i++) await RawClient.open(roomy.url, '127.0.0.2');
    await flood[0]?.vanish();
    while (roomy.signaling.stats().sockets > 7) await new Promise((resolve) => setImmediate(resolve));
    await roomy.hello();
  });

  it('turns away an address from which too many were refused at the door, for a while', async () => {
    const strict = await startRawMeeting({ refusedEntries: { burst: 2, perSecond: 0.1 } });
    const opened = await strict.hello();
    const { client } = opened;
    for (let times = 0; times < 3; times++) {
      const fields = await strict.fieldsFor(opened, 1, { meeting: OTHER_MEETING });
      assert.equal((await strict.refused(client, 'enter', fields)).code, 'entry.refused');
    }
    assert.match(await exchange(strict.port, upgradeHead('/v1/meet')), /^HTTP\/1.1 429 .*"http\.rate"/s);
    await client.done('enter', await strict.fieldsFor(opened, 1));
    strict.clock.advance(20_000);
    await strict.hello();
    await strict.close();
  });

  it('writes nowhere from which address somebody came: in, refused, cut and turned away', async () => {
    const strict = await startRawMeeting({ refusedEntries: { burst: 2, perSecond: 0.1 } });
    const from = '127.77.88.99';
    const client = await RawClient.open(strict.url, from);
    const { session, secret } = await client.done('hello', { version: 1 });
    const opened = { client, session: String(session), secret: String(secret) };
    for (let times = 0; times < 3; times++) {
      const fields = await strict.fieldsFor(opened, 1, { meeting: OTHER_MEETING });
      await strict.refused(client, 'enter', fields);
    }
    await assert.rejects(RawClient.open(strict.url, from), /429/);
    await client.done('enter', await strict.fieldsFor(opened, 1));
    client.sendText('[1]');
    await client.closed;
    await strict.logged('connection.closed');
    await strict.close();
    const rules = strict.record.entries.map((entry) => ('rule' in entry ? entry.rule : entry.kind));
    const written = JSON.stringify([strict.log, strict.record.entries, strict.signaling.stats()]);
    assert.ok(rules.length > 4 && strict.log.length > 4, written);
    assert.ok(!written.includes(from), written);
  });

  it('does not wait for ever for the head of a request', async () => {
    const [silent, slow] = [
      exchange(server.port, ''),
      exchange(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n'),
    ];
    assert.match(await slow, /^HTTP\/1.1 408/);
    await silent;
  });

  it('ends the longest quiet TCP connections beyond its limit, and lets in who comes', {
    timeout: 10_000,
  }, async () => {
    const strict = await startRawMeeting({ maxSockets: 1, maxPendingConnections: 8, httpHeadMs: 60_000 });
    const flood = Array.from({ length: 40 }, () =>
      connect({ host: '127.0.0.1', port: strict.port, localAddress: '127.0.0.2' }),
    );
    let ended = 0;
    for (const socket of flood) socket.on('error', () => {}).on('close', () => ended++);
    await eventually('a few are left', () => ended >= 36);
    assert.equal(ended, 36, 'half of all may be from one address');
    const response = await fetch(`http://127.0.0.1:${strict.port}/`);
    assert.equal(response.status, 200);
    await strict.hello();
    assert.equal(ended, 36, 'others have the other half');
    for (const socket of flood) socket.destroy();
    await strict.close();
  });

  it('does not wait for ever for the answer to a close', { timeout: 10_000 }, async () => {
    const strict = await startRawMeeting({ closeMs: 50 });
    const socket = await RawSocket.open(strict.port);
    socket.send({ opcode: TEXT, payload: Buffer.from('nonsense') });
    assert.deepEqual(await socket.closed, { status: 4400, reason: 'protocol.not-json' });
    await strict.close();
  });

  it('bounds the head of a request', async () => {
    const answer = await exchange(server.port, upgradeHead('/v1/meet', { 'X-Long': 'x'.repeat(9_000) }));
    assert.match(answer, /^HTTP\/1.1 431/);
  });

  it('listens on loopback literals only', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost'])
      await assert.rejects(server.signaling.listen({ host, port: 0 }), { code: 'listen.not-loopback' });
  });

  it('says why it cannot listen', async () => {
    const other = await startRawMeeting();
    await other.close();
    const second = await startRawMeeting();
    await assert.rejects(second.signaling.listen({ host: '127.0.0.1', port: server.port }));
    await second.close();
  });
});

describe('a client that stops reading', () => {
  const RTP = {
    codecs: [
      { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: { fill: 'x'.repeat(9_000) } },
    ],
    headerExtensions: [],
    encodings: [{ ssrc: 1 }],
    rtcp: {},
  };
  const flood = (server: RawMeeting, { participant }: Joined, count: number): void => {
    for (let i = 0; i < count; i++)
      server.media.emit(MEETING, participant, {
        kind: 'consumer-added',
        consumer: asId<ConsumerId>(`consumer-${i}`),
        producer: asId<ProducerId>('producer'),
        participant,
        source: 'camera',
        rtpParameters: RTP,
        producerPaused: false,
      });
  };

  const consumersOf = ({ received }: RawClient): unknown[] =>
    received.flatMap(({ event }) => (event?.kind === 'consumer-added' ? [event.consumer] : []));
  /** Three quarters of its outbox were filled while it did not read. */
  const slowReader = async (t: TestContext) => {
    const server = await startRawMeeting({ maxOutboxBytes: 100_000 });
    t.after(() => server.close());
    const [stuck, lively] = [await server.join(1), await server.join(2)];
    const readUpTo = stuck.client.lastSeq;
    stuck.client.pause();
    flood(server, stuck, 9);
    return { server, stuck, lively, readUpTo };
  };

  it('loses its connection before its outbox is full; it comes back, and misses nothing', async (t) => {
    const { server, stuck, lively } = await slowReader(t);
    assert.deepEqual(server.signaling.stats().closes, { 'connection.slow-reader': 1 });
    assert.equal(server.signaling.stats().slowReaders, 1);
    flood(server, stuck, 1);
    stuck.client.resume();
    assert.deepEqual(await stuck.client.closed, { status: 4409, reason: 'connection.slow-reader' });
    const back = await server.resumeAs(stuck.session, stuck.secret, stuck.client.lastSeq);
    assert.equal((await back.until(({ re }) => re !== undefined)).body?.resumed, true);
    const seen = [...consumersOf(stuck.client), ...consumersOf(back)];
    const sent = [...Array.from({ length: 9 }, (_, i) => `consumer-${i}`), 'consumer-0'];
    assert.deepEqual(seen, sent);
    await lively.client.done('create-transport', { direction: 'send' });
    assert.ok(!lively.client.eventKinds().includes('participant-left'));
    assert.equal(server.signaling.stats().participants, 2);
  });

  it('is cut where it does not read when it came back either; the others go on', async (t) => {
    const { server, stuck, lively, readUpTo } = await slowReader(t);
    const back = await server.resumeAs(stuck.session, stuck.secret, readUpTo);
    await back.until(({ re }) => re !== undefined);
    back.pause();
    flood(server, stuck, 3);
    assert.equal(server.signaling.stats().closes['session.outbox-full'], 1);
    assert.equal(server.signaling.stats().slowReaders, 2);
    assert.equal((await lively.client.event('participant-left')).why, 'removed');
    back.resume();
    assert.deepEqual(await back.closed, { status: 4407, reason: 'session.outbox-full' });
    await lively.client.done('create-transport', { direction: 'send' });
  });

  it('is cut at the limit of what waits for its socket, though it acknowledges; the others go on', async () => {
    const server = await startRawMeeting({
      slowReaderBytes: 1_000_000,
      maxOutboxBytes: 2_000_000,
      closeMs: 100,
    });
    const [stuck, lively] = [await server.join(1), await server.join(2)];
    stuck.client.pause();
    let seq = stuck.client.lastSeq + 1;
    while (server.signaling.stats().slowReaders === 0) {
      flood(server, stuck, 50);
      seq += 50;
      stuck.client.ack(seq - 1);
      await lively.client.done('create-transport', { direction: 'send' });
      lively.client.ack(lively.client.lastSeq);
    }
    assert.equal(server.signaling.stats().closes['connection.slow-reader'], 1);
    assert.equal(server.signaling.stats().participants, 2);
    assert.ok(!lively.client.eventKinds().includes('participant-left'));
    await server.close();
  });
});
