import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_CONSUMERS, MAX_OPEN_REQUESTS, MAX_PARTICIPANTS } from '../../../../src/sfu/room/limits.ts';
import { entryRefusal } from '../../../../src/sfu/room/step/entry.ts';
import { person, RoomDriver, roomOf } from '../../../support/room-driver.ts';
import { opus } from '../../../support/room-media.ts';

const refusalOf = (room: RoomDriver, name: string, number: number) =>
  entryRefusal(room.state, person(name), number)?.code;

describe('entering a room', () => {
  it('needs an open room, a number of 20 bits, and neither id nor number twice', () => {
    assert.equal(refusalOf(new RoomDriver(), 'a', 1), 'media.unavailable');
    const room = roomOf('a');
    assert.equal(refusalOf(room, 'a', 7), 'media.already-in');
    assert.equal(refusalOf(room, 'b', 1000), 'media.number-taken');
    for (const number of [-1, 2 ** 20, 0.5, Number.NaN])
      assert.equal(refusalOf(room, 'b', number), 'media.invalid');
    for (const number of [0, 2 ** 20 - 1]) assert.equal(refusalOf(room, 'b', number), undefined);
  });

  it('changes nothing where it is refused', () => {
    const room = roomOf('a');
    const before = room.state;
    room.enter('b', 1000);
    assert.equal(room.state, before);
  });

  it('ends at a full room', () => {
    const room = roomOf();
    for (let n = 0; n < MAX_PARTICIPANTS; n++) room.enter(`p${n}`, n);
    assert.equal(refusalOf(room, 'late', MAX_PARTICIPANTS), 'media.limit');
    room.leave('p0');
    assert.equal(refusalOf(room, 'late', 0), undefined);
  });
});

describe('leaving a room', () => {
  it('takes everything along and tells the others', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    room.produce('b', 'camera');
    const told = room.told('a').length;
    room.newVerbKinds();
    room.leave('a');
    assert.deepEqual(room.newVerbKinds(), ['close-transport', 'close-transport', 'close-consumer']);
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-removed']);
    assert.equal(room.told('a').length, told);
    assert.deepEqual([...room.state.owners.values()], ['b']);
  });

  it('answers what was waiting, and no late reply answers again', () => {
    const room = roomOf('a', 'b');
    const ask = room.ask('a', { kind: 'create-transport', direction: 'send' });
    room.leave('a');
    assert.equal(room.answerTo(ask), 'media.unavailable');
    assert.equal(room.state.pending.size, 0);
    room.settle();
    assert.equal(room.does('a', { kind: 'create-transport', direction: 'send' }), 'media.unknown');
  });

  it('of somebody who is not there is nothing', () => {
    const room = roomOf('a');
    const before = room.state;
    room.leave('b');
    assert.equal(room.state, before);
  });
});

describe('a room’s limits', () => {
  it('bound the requests of one participant that wait', () => {
    const room = roomOf('a', 'b');
    const request = { kind: 'restart-ice', transport: room.transport('a', 'send') } as const;
    for (let n = 0; n < MAX_OPEN_REQUESTS; n++) assert.equal(room.answerTo(room.ask('a', request)), 'none');
    assert.equal(room.answerTo(room.ask('a', request)), 'media.limit');
    const other = { kind: 'restart-ice', transport: room.transport('b', 'send') } as const;
    assert.equal(room.answerTo(room.ask('b', other)), 'none');
    room.settle();
    assert.equal(room.does('a', request), 'ice');
  });

  it('bound the consumers of all together', () => {
    const room = roomOf();
    const fits = Math.floor(Math.sqrt(MAX_CONSUMERS)) + 1;
    for (let n = 0; n <= fits; n++) room.join(`p${n}`, n);
    for (let n = 0; n <= fits; n++) {
      const transport = room.transport(`p${n}`, 'send');
      const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
      const expected = (n + 1) * fits > MAX_CONSUMERS ? 'media.limit' : 'producer';
      assert.equal(room.does(`p${n}`, { kind: 'produce', ...stream }), expected, `stream ${n + 1}`);
    }
    room.enter('late', 999);
    room.does('late', { kind: 'create-transport', direction: 'receive' });
    assert.equal(room.receive('late'), 'media.limit');
  });
});
