import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type WorkerId } from '../../../../src/base/ids.ts';
import { ok } from '../../../../src/base/result.ts';
import { FIRST_REOPEN_DELAY_MS, MAX_REOPEN_FAILURES } from '../../../../src/sfu/room/limits.ts';
import { person, ROOM, RoomDriver, roomOf } from '../../../support/room-driver.ts';
import { CAPABILITIES } from '../../../support/room-media.ts';

const worker = (name: string): WorkerId => asId<WorkerId>(name);
const lost = (name = 'w1') => ({ kind: 'router-lost', room: ROOM, worker: worker(name) }) as const;
const routerOn = (name: string) =>
  ok({ kind: 'router', worker: worker(name), rtpCapabilities: CAPABILITIES } as const);
const openingCode = (room: RoomDriver, ask: number): string | undefined => {
  const result = room.openings.get(ask);
  return result && (result.ok ? 'ok' : result.refusal.code);
};

describe('opening a room', () => {
  it('asks the engine once for all who wait, and not again', () => {
    const room = new RoomDriver();
    const asks = [room.open(), room.open()];
    assert.deepEqual(room.verbKinds(), ['open-router']);
    room.settle();
    asks.push(room.open());
    assert.deepEqual(
      asks.map((ask) => openingCode(room, ask)),
      ['ok', 'ok', 'ok'],
    );
    assert.deepEqual(room.verbKinds(), ['open-router']);
  });

  it('that fails is over, quietly: nobody is in it', () => {
    const room = new RoomDriver();
    const ask = room.open();
    room.refuse('open-router', 'media.unavailable');
    assert.equal(openingCode(room, ask), 'media.unavailable');
    assert.equal(room.state.phase.kind, 'ended');
    assert.deepEqual(room.effects.at(-1), { kind: 'ended', lost: false });
    assert.equal(openingCode(room, room.open()), 'media.unavailable');
  });

  it('that is closed meanwhile answers those who wait', () => {
    const room = new RoomDriver();
    const ask = room.open();
    room.feed({ kind: 'close' });
    assert.equal(openingCode(room, ask), 'media.unavailable');
    room.settle();
    assert.deepEqual(room.verbKinds(), ['open-router', 'close-router']);
    assert.equal(room.state.phase.kind, 'ended');
  });
});

describe('a room whose worker died', () => {
  it('opens elsewhere and tells everybody to start anew', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const waiting = room.ask('b', { kind: 'create-transport', direction: 'send' });
    room.newVerbKinds();
    room.hear(lost());
    assert.equal(room.answerTo(waiting), 'media.unavailable');
    assert.deepEqual(room.newVerbKinds(), ['close-router', 'open-router']);
    room.settle();
    assert.equal(room.does('a', { kind: 'create-transport', direction: 'send' }), 'transport');
    for (const name of ['a', 'b'])
      assert.deepEqual(room.told(name).at(-1), { kind: 'media-reset', rtpCapabilities: CAPABILITIES });
    assert.deepEqual(
      room.notices().map(({ kind }) => kind),
      ['router-lost', 'router-reopened'],
    );
  });

  it('has nothing left but its people, and refuses until it is open again', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    room.hear(lost());
    assert.equal(room.state.owners.size, 0);
    const a = room.state.participants.get(person('a'));
    assert.deepEqual([a?.senderNumber, a?.transports.size, a?.producers.size], [1000, 0, 0]);
    const ask = room.ask('a', { kind: 'create-transport', direction: 'send' });
    assert.equal(room.answerTo(ask), 'media.unavailable');
    const opener = room.open();
    room.enter('c', 9);
    room.settle();
    assert.equal(openingCode(room, opener), 'ok');
    assert.deepEqual(room.toldKinds('c'), ['media-reset']);
    room.join('d', 10);
    assert.equal(room.produce('d', 'camera'), 'producer');
  });

  it('is tried again after growing delays, then given up', () => {
    const room = roomOf('a');
    room.hear(lost());
    const delays: number[] = [];
    for (let failure = 1; failure <= MAX_REOPEN_FAILURES; failure++) {
      room.refuse('open-router', 'media.unavailable');
      if (room.wakeAtMs === undefined) break;
      delays.push(room.wakeAtMs - room.nowMs);
      assert.equal(openingCode(room, room.open()), 'media.unavailable', 'nobody waits for a delay');
      room.advance((delays.at(-1) ?? 0) - 1);
      assert.equal(room.waiting.length, 0, 'not before its time');
      room.advance(1);
    }
    const expected = Array.from(
      { length: MAX_REOPEN_FAILURES - 1 },
      (_, n) => FIRST_REOPEN_DELAY_MS * 2 ** n,
    );
    assert.deepEqual(delays, expected);
    assert.deepEqual(room.effects.at(-1), { kind: 'ended', lost: true });
    assert.equal(room.notices().at(-1)?.kind, 'room-lost');
    assert.deepEqual([room.state.participants.size, room.state.pending.size], [0, 0]);
  });

  it('forgets its failures once it is open', () => {
    const room = roomOf('a');
    for (const name of ['w1', 'w2']) {
      room.hear(lost(name));
      for (let n = 1; n < MAX_REOPEN_FAILURES; n++) {
        room.refuse('open-router');
        room.advance(60_000);
      }
      room.reply('open-router', routerOn('w2'));
      assert.equal(room.state.phase.kind, 'open');
      assert.equal(room.wakeAtMs, undefined);
    }
  });

  it('does not take a router that died before its answer came', () => {
    const room = roomOf('a');
    room.hear(lost());
    room.hear(lost('w2'));
    room.reply('open-router', routerOn('w2'));
    assert.equal(room.state.phase.kind, 'waiting');
    assert.deepEqual(room.toldKinds('a'), []);
    room.advance(FIRST_REOPEN_DELAY_MS);
    room.reply('open-router', routerOn('w3'));
    assert.deepEqual(room.toldKinds('a'), ['media-reset']);
  });

  it('no longer waits to consume what was late before', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const transport = room.transport('b', 'receive');
    for (const rtpCapabilities of [{ codecs: [], headerExtensions: [] }, CAPABILITIES])
      room.ask('b', { kind: 'receive', transport, rtpCapabilities });
    room.refuse('consume', 'media.unavailable');
    assert.notEqual(room.wakeAtMs, undefined);
    room.hear(lost());
    assert.equal(room.wakeAtMs, undefined);
  });

  it('ignores the death of a worker that it no longer uses', () => {
    const room = roomOf('a');
    const before = room.state;
    room.hear(lost('another'));
    assert.equal(room.state, before);
  });

  it('takes no reply for what it had before', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    room.ask('a', { kind: 'restart-ice', transport });
    const [old] = room.waiting.splice(0);
    room.hear(lost());
    room.settle();
    const before = room.state;
    room.feed({ kind: 'reply', call: old?.call ?? 0, result: ok({ kind: 'done' }) });
    assert.equal(room.state, before);
  });
});

describe('closing a room', () => {
  it('ends the router, answers what waits, and is deaf afterwards', () => {
    const room = roomOf('a');
    const ask = room.ask('a', { kind: 'create-transport', direction: 'send' });
    room.feed({ kind: 'close' });
    assert.equal(room.answerTo(ask), 'media.unavailable');
    assert.equal(room.verbKinds().at(-1), 'close-router');
    const { state } = room;
    room.feed({ kind: 'close' });
    room.enter('b', 5);
    room.hear(lost());
    room.settle();
    assert.equal(room.state, state);
    assert.equal(room.does('a', { kind: 'create-transport', direction: 'send' }), 'media.unknown');
  });
});
