import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { asId, type TransportId } from '../../../../src/base/ids.ts';
import {
  ANSWER_WITHIN_MS,
  Connection,
  type ConnectionEvent,
} from '../../../../src/client/connection/connection.ts';
import { GIVE_UP_AFTER_MS } from '../../../../src/client/connection/outage.ts';
import { MAX_PENDING_REQUESTS } from '../../../../src/client/connection/pending.ts';
import { HELLO_WITHIN_MS, MAX_UNSENT_BYTES } from '../../../../src/client/connection/wire.ts';
import {
  ACK_AFTER_MESSAGES,
  ACK_AFTER_MS,
  MAX_SERVER_MESSAGE_BYTES,
} from '../../../../src/signaling/protocol/limits.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScriptedSockets } from '../../../support/scripted-socket.ts';

const TRANSPORT = asId<TransportId>('transport');
const left = (participant: string) => ({ kind: 'participant-left', participant, why: 'left' });

describe('a connection', () => {
  let clock: FakeClock;
  let sockets: ScriptedSockets;
  let connection: Connection;
  let events: ConnectionEvent[];

  beforeEach(() => {
    clock = new FakeClock();
    sockets = new ScriptedSockets();
    events = [];
    connection = new Connection({
      url: 'ws://relay.example/v1/meet',
      openSocket: sockets.open,
      clock,
      randomBytes: (size) => new Uint8Array(size).fill(128),
      onListenerError: (error) => {
        throw error;
      },
    });
    connection.onEvent((event) => events.push(event));
  });

  const participantsLeft = () =>
    events.flatMap((event) =>
      event.kind === 'server-event' && event.event.kind === 'participant-left'
        ? [event.event.participant]
        : [],
    );
  const isLost = () => events.some(({ kind }) => kind === 'session-lost');
  const restartIce = () => connection.request('restart-ice', { transport: TRANSPORT });
  const ice = { iceParameters: { usernameFragment: 'fragment', password: 'password' } };
  const closedWith = () => (connection.state.kind === 'closed' ? connection.state.why?.code : 'not closed');
  /** The current socket is cut, and the next one dialled. */
  const reconnect = (reason = '') => {
    sockets.last.handlers.onClose(reason);
    clock.advance(20_000);
    return sockets.last;
  };

  it('says hello first, then what was asked meanwhile, under rising ids', () => {
    void connection.request('leave', {});
    assert.deepEqual(sockets.last.sent, []);
    sockets.last.welcome(1);
    assert.equal(connection.state.kind, 'open');
    assert.deepEqual(
      sockets.last.sent.map(({ id, kind, version }) => ({ id, kind, version })),
      [
        { id: 1, kind: 'hello', version: 1 },
        { id: 2, kind: 'leave', version: undefined },
      ],
    );
  });

  it('matches replies to their requests, whatever their order', async () => {
    sockets.last.welcome(1);
    const first = restartIce();
    const second = restartIce();
    sockets.last.say({ seq: 2, re: 3, ok: true, body: ice });
    sockets.last.say({ seq: 3, re: 2, ok: false, error: { code: 'media.unknown', message: 'no transport' } });
    assert.deepEqual(await second, { ok: true, value: ice });
    assert.deepEqual(await first, { ok: false, refusal: { code: 'media.unknown', message: 'no transport' } });
  });

  it('hears each event once and in order, and reconnects over a gap', () => {
    sockets.last.welcome(1);
    sockets.last.say({ seq: 2, event: left('a') });
    sockets.last.say({ seq: 2, event: left('a') });
    sockets.last.say({ seq: 4, event: left('c') });
    assert.deepEqual(participantsLeft(), ['a']);
    assert(sockets.last.isClosed);
    assert.equal(connection.state.kind, 'waiting');
    clock.advance(20_000);
    const socket = sockets.last;
    socket.handlers.onOpen();
    assert.deepEqual(socket.last().resume, { session: 'session', secret: 'secret', received: 2 });
    const { id } = socket.last();
    for (const [seq, name] of [
      [2, 'a'],
      [3, 'b'],
      [4, 'c'],
    ] as const)
      socket.say({ seq, event: left(name) });
    const body = { session: 'session', secret: 'secret', resumed: true, heartbeatMs: 1_000 };
    socket.say({ seq: 5, re: id, ok: true, body });
    socket.say({ seq: 6, event: left('d') });
    assert.deepEqual(participantsLeft(), ['a', 'b', 'c', 'd']);
    assert(!isLost());
  });

  it('asks again under the same id what a resume left unanswered', async () => {
    sockets.last.welcome(1);
    const answered = restartIce();
    const open = restartIce();
    const socket = reconnect();
    socket.handlers.onOpen();
    const { id } = socket.last();
    socket.say({ seq: 2, re: 2, ok: true, body: ice });
    const body = { session: 'session', secret: 'secret', resumed: true, heartbeatMs: 1_000 };
    socket.say({ seq: 3, re: id, ok: true, body });
    assert.equal((await answered).ok, true);
    assert.deepEqual(
      socket.sent.slice(1).map(({ id: again, kind }) => [again, kind]),
      [[3, 'restart-ice']],
    );
    socket.say({ seq: 4, re: 3, ok: true, body: ice });
    assert.equal((await open).ok, true);
  });

  it('refuses what was asked in a session that the server ended, says so, and begins a fresh one', async () => {
    sockets.last.welcome(1);
    const asked = restartIce();
    reconnect().handlers.onOpen();
    const socket = reconnect('resume.refused');
    assert.deepEqual(await asked, {
      ok: false,
      refusal: { code: 'session.lost', message: 'the server no longer knows this session' },
    });
    assert(isLost());
    const again = restartIce();
    socket.welcome(1);
    assert.deepEqual(
      socket.sent.map(({ kind, resume }) => [kind, resume]),
      [
        ['hello', undefined],
        ['restart-ice', undefined],
      ],
    );
    const [hello, request] = socket.sent;
    assert(Number(request?.id) > Number(hello?.id), 'ids rise within the fresh session too');
    socket.say({ seq: 2, re: request?.id, ok: true, body: ice });
    assert.equal((await again).ok, true);
  });

  it('takes a server that forgets a session in its answer at its word', () => {
    sockets.last.welcome(1);
    sockets.last.say({ seq: 2, event: left('a') });
    reconnect().welcome(1, false);
    assert(isLost());
    sockets.last.say({ seq: 2, event: left('b') });
    assert.deepEqual(participantsLeft(), ['a', 'b']);
  });

  it('acknowledges after so many messages, after so long, and with every request', () => {
    sockets.last.welcome(1);
    const acks = () => sockets.last.sent.filter(({ kind }) => kind === 'ack').map(({ ack }) => ack);
    for (let seq = 2; seq <= ACK_AFTER_MESSAGES; seq++) sockets.last.say({ seq, event: left('a') });
    assert.deepEqual(acks(), [ACK_AFTER_MESSAGES]);
    sockets.last.say({ seq: ACK_AFTER_MESSAGES + 1, event: left('a') });
    clock.advance(ACK_AFTER_MS - 1);
    assert.equal(acks().length, 1);
    clock.advance(1);
    assert.deepEqual(acks(), [ACK_AFTER_MESSAGES, ACK_AFTER_MESSAGES + 1]);
    void restartIce();
    assert.equal(sockets.last.last().ack, ACK_AFTER_MESSAGES + 1);
  });

  it('reconnects after three silent heartbeats, not after two', () => {
    sockets.last.welcome(1);
    clock.advance(2_999);
    sockets.last.say({ kind: 'heartbeat' });
    clock.advance(2_999);
    assert.equal(connection.state.kind, 'open');
    clock.advance(1);
    assert.equal(connection.state.kind, 'waiting');
    assert(sockets.last.isClosed);
  });

  it('does not let a server choose to be silent for ever', () => {
    sockets.last.welcome(1, false, Number.MAX_SAFE_INTEGER);
    clock.advance(90_000);
    assert.equal(connection.state.kind, 'waiting');
  });

  it('does not wait for ever for a server that says nothing', () => {
    sockets.last.handlers.onOpen();
    clock.advance(HELLO_WITHIN_MS);
    assert.equal(connection.state.kind, 'waiting');
  });

  it('waits longer each time, starts anew after it held, and gives up in the end', () => {
    const waits: number[] = [];
    const waitOnce = () => {
      sockets.last.handlers.onClose('');
      if (connection.state.kind !== 'waiting') return;
      waits.push(connection.state.retryInMs);
      clock.advance(connection.state.retryInMs);
    };
    for (let i = 0; i < 8; i++) waitOnce();
    assert.deepEqual(waits, [188, 375, 750, 1_500, 3_000, 6_000, 7_500, 7_500]);
    sockets.last.welcome(1, false, 60_000);
    sockets.last.handlers.onClose('');
    assert.equal(connection.state.kind === 'waiting' && connection.state.retryInMs, 7_500);
    clock.advance(7_500);
    sockets.last.welcome(2, true, 60_000);
    clock.advance(10_000);
    waits.length = 0;
    for (let i = 0; i < GIVE_UP_AFTER_MS / 1_000 && connection.state.kind !== 'closed'; i++) waitOnce();
    assert.equal(waits[0], 188);
    assert.equal(closedWith(), 'connection.lost');
  });

  for (const [what, text] of [
    ['no JSON', '{'],
    ['an array', '[]'],
    ['an unknown message', '{"kind":"hallo"}'],
    ['an unknown event', '{"seq":2,"event":{"kind":"recorded"}}'],
    ['an event of the wrong shape', '{"seq":2,"event":{"kind":"consumer-removed","consumer":"a b"}}'],
    ['an event with a field too many', '{"seq":2,"event":{"kind":"consumer-removed","consumer":"a","x":1}}'],
    ['a reply of the wrong shape', '{"seq":2,"re":2,"ok":"yes"}'],
    ['a reply whose body does not fit its request', '{"seq":2,"re":2,"ok":true,"body":{"iceParameters":1}}'],
  ] as const)
    it(`ends with a code where the server sends ${what}`, async () => {
      sockets.last.welcome(1);
      const asked = restartIce();
      sockets.last.handlers.onMessage(text);
      assert.equal((await asked).ok, false);
      assert.equal(closedWith(), 'protocol.malformed');
      assert(sockets.last.isClosed);
      assert.equal(clock.pendingTimers, 0);
    });

  it('ends with a code where the server sends bytes, or too much', () => {
    sockets.last.welcome(1);
    sockets.last.handlers.onMessage(new ArrayBuffer(4));
    assert.equal(closedWith(), 'protocol.malformed');
  });

  it('refuses an oversized message before it parses it', () => {
    sockets.last.welcome(1);
    sockets.last.handlers.onMessage(' '.repeat(MAX_SERVER_MESSAGE_BYTES + 1));
    assert.equal(closedWith(), 'protocol.too-large');
  });

  it('does not come back where the server says that there is no use', () => {
    sockets.last.handlers.onClose('hello.version');
    assert.equal(closedWith(), 'hello.version');
  });

  it('begins a fresh session where the server cut this one off', () => {
    sockets.last.welcome(1);
    reconnect('rate.exceeded').handlers.onOpen();
    assert(isLost());
    assert.equal(sockets.last.last().resume, undefined);
  });

  it('bounds what waits for an answer', async () => {
    sockets.last.welcome(1);
    const asked = Array.from({ length: MAX_PENDING_REQUESTS }, restartIce);
    const refused = await restartIce();
    assert.equal(!refused.ok && refused.refusal.code, 'connection.busy');
    clock.advance(ANSWER_WITHIN_MS);
    for (const outcome of await Promise.all(asked))
      assert.equal(!outcome.ok && outcome.refusal.code, 'connection.no-answer');
  });

  it('drops a socket out of which nothing leaves', () => {
    sockets.last.welcome(1);
    sockets.last.unsentBytes = MAX_UNSENT_BYTES + 1;
    void restartIce();
    assert.equal(connection.state.kind, 'waiting');
  });

  it('is quiet once it was closed', async () => {
    sockets.last.welcome(1);
    const asked = restartIce();
    connection.close();
    const outcome = await asked;
    assert.equal(!outcome.ok && outcome.refusal.code, 'connection.closed');
    assert.equal(closedWith(), undefined);
    sockets.last.handlers.onClose('');
    assert.deepEqual([sockets.all.length, clock.pendingTimers], [1, 0]);
    const late = await restartIce();
    assert.equal(!late.ok && late.refusal.code, 'connection.closed');
  });

  it('survives listeners that close it at any moment', () => {
    for (const moment of ['open', 'waiting', 'connecting'] as const) {
      const other = new Connection({
        url: '',
        openSocket: sockets.open,
        clock,
        randomBytes: (size) => new Uint8Array(size),
        onListenerError: (error) => {
          throw error;
        },
      });
      other.onEvent((event) => {
        if (event.kind === 'state' && event.state.kind === moment) other.close();
      });
      sockets.last.welcome(1);
      sockets.last.handlers.onClose('rate.exceeded');
      clock.advance(20_000);
      assert.equal(other.state.kind, 'closed', moment);
    }
  });
});
