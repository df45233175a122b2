import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId, type SessionId } from '../../../../src/base/ids.ts';
import { DEFAULT_LIMITS } from '../../../../src/signaling/limits.ts';
import type { CloseCode } from '../../../../src/signaling/protocol/codes.ts';
import { type Connection, fateOf, Peer } from '../../../../src/signaling/session/peer.ts';
import { newSession } from '../../../../src/signaling/session/session.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const { helloMs, rateBeforeJoin, slowReaderBytes } = DEFAULT_LIMITS;

const setUp = () => {
  const clock = new FakeClock();
  const [closes, overs, messages] = [[] as CloseCode[], [] as (CloseCode | undefined)[], [] as number[]];
  const connection = { waitingBytes: 0, sent: 0 };
  const socket: Connection = {
    send: () => {
      connection.sent++;
    },
    ping() {},
    onRefused() {},
    close: (code) => closes.push(code),
    get waitingBytes() {
      return connection.waitingBytes;
    },
  };
  const peer = new Peer(socket, {
    clock,
    limits: DEFAULT_LIMITS,
    onMessage: (_, bytes) => messages.push(bytes.length),
    onOver: (_, code) => overs.push(code),
    onSent() {},
  });
  return { clock, peer, closes, overs, messages, connection };
};

describe('peer', () => {
  it('passes messages within its rate, and is cut beyond it', () => {
    const { peer, messages, closes, clock } = setUp();
    for (let i = 0; i < rateBeforeJoin.burst; i++) peer.message(utf8('x'), false);
    assert.equal(messages.length, rateBeforeJoin.burst);
    clock.advance(1_000);
    for (let i = 0; i < rateBeforeJoin.perSecond; i++) peer.message(utf8('x'), false);
    assert.deepEqual(closes, []);
    peer.message(utf8('x'), false);
    assert.deepEqual(closes, ['rate.exceeded']);
    assert.equal(messages.length, rateBeforeJoin.burst + rateBeforeJoin.perSecond);
  });

  it('spends what is its session’s once that is in a meeting: a new connection refills nothing', () => {
    const { burst } = DEFAULT_LIMITS.rateInMeeting;
    const [first, second] = [setUp(), setUp()];
    const identity = { id: asId<SessionId>('s'), order: 1, secret: 'x' };
    const session = newSession(identity, DEFAULT_LIMITS, first.peer, first.clock.nowMs());
    session.membership = {
      meeting: asId<MeetingId>('m'),
      participant: asId<ParticipantId>('p'),
      admitted: true,
    };
    first.peer.session = session;
    for (let i = 0; i < burst; i++) first.peer.message(utf8('x'), false);
    first.peer.gone();
    assert.deepEqual(first.closes, []);
    second.peer.session = session;
    second.peer.message(utf8('x'), false);
    assert.deepEqual([second.closes, second.messages], [['rate.exceeded'], []]);
  });

  it('is over once, and silent from then on', () => {
    const { peer, overs, closes, messages, connection, clock } = setUp();
    peer.cut('rate.exceeded');
    peer.cut('server.stopping');
    peer.gone();
    peer.message(utf8('x'), false);
    peer.control();
    peer.send(utf8('x'));
    clock.advance(helloMs * 100);
    assert.deepEqual(
      [overs, closes, messages, connection.sent],
      [['rate.exceeded'], ['rate.exceeded'], [], 0],
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it('tells a socket that is gone from one that was cut', () => {
    const { peer, overs } = setUp();
    peer.gone();
    assert.deepEqual(overs, [undefined]);
    assert.deepEqual(
      [fateOf(undefined), fateOf('connection.silent'), fateOf('rate.exceeded')],
      ['kept', 'kept', 'ends'],
    );
  });

  it('is cut when too much waits for its socket', () => {
    const { peer, closes, connection } = setUp();
    connection.waitingBytes = slowReaderBytes;
    peer.send(utf8('x'));
    assert.deepEqual(closes, []);
    connection.waitingBytes = slowReaderBytes + 1;
    peer.send(utf8('x'));
    assert.deepEqual(closes, ['connection.slow-reader']);
  });
});
