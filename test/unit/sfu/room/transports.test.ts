import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId } from '../../../../src/base/ids.ts';
import { person, ROOM, roomOf } from '../../../support/room-driver.ts';
import { DTLS } from '../../../support/room-media.ts';

describe('transports of a room', () => {
  it('are made by the engine and offered once it has', () => {
    const room = roomOf();
    room.enter('a', 1);
    const ask = room.ask('a', { kind: 'create-transport', direction: 'send' });
    assert.equal(room.answerTo(ask), 'none');
    room.settle();
    const answer = room.answers.get(ask);
    assert.ok(answer?.ok && answer.value.kind === 'transport');
    assert.equal(answer.value.transport, room.transport('a', 'send'));
  });

  it('cannot be used before they are offered', () => {
    const room = roomOf();
    room.enter('a', 1);
    room.ask('a', { kind: 'create-transport', direction: 'send' });
    const ask = room.ask('a', { kind: 'restart-ice', transport: room.transport('a', 'send') });
    assert.equal(room.answerTo(ask), 'media.unknown');
  });

  it('replace the one of their direction with everything on it', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'microphone');
    const [old, heard] = [room.transport('a', 'send'), room.consumer('b', 'a', 'microphone')];
    room.newVerbKinds();
    assert.equal(room.does('a', { kind: 'create-transport', direction: 'send' }), 'transport');
    assert.deepEqual(room.newVerbKinds(), ['close-transport', 'close-consumer', 'create-transport']);
    assert.notEqual(room.transport('a', 'send'), old);
    assert.deepEqual(room.told('b').at(-1), { kind: 'consumer-removed', consumer: heard });
    assert.equal(room.state.owners.size, 0);
    assert.equal(room.does('a', { kind: 'restart-ice', transport: old }), 'media.unknown');
  });

  it('take their receiver’s consumers along when replaced', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'microphone');
    room.does('b', { kind: 'create-transport', direction: 'receive' });
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-removed']);
    assert.equal(room.receive('b'), 'done');
    assert.equal(room.toldKinds('b').at(-1), 'consumer-added');
  });

  it('answer a request whose transport was replaced before it was made', () => {
    const room = roomOf('a');
    const first = room.ask('a', { kind: 'create-transport', direction: 'send' });
    const second = room.ask('a', { kind: 'create-transport', direction: 'send' });
    room.settle();
    assert.deepEqual([room.answerTo(first), room.answerTo(second)], ['media.gone', 'transport']);
  });

  it('are forgotten when the engine cannot make them', () => {
    const room = roomOf('a');
    const ask = room.ask('a', { kind: 'create-transport', direction: 'send' });
    room.refuse('create-transport', 'media.unavailable');
    assert.equal(room.answerTo(ask), 'media.unavailable');
    assert.equal(room.state.participants.get(person('a'))?.transports.has('send'), false);
    assert.equal(room.verbKinds().at(-1), 'close-transport');
  });

  it('connect once, and again only where the engine refused', () => {
    const room = roomOf('a');
    const connect = {
      kind: 'connect-transport',
      transport: room.transport('a', 'send'),
      dtlsParameters: DTLS,
    } as const;
    const refused = room.ask('a', connect);
    const early = room.ask('a', connect);
    assert.equal(room.answerTo(early), 'media.order');
    room.refuse('connect-transport');
    assert.equal(room.answerTo(refused), 'media.refused');
    assert.equal(room.does('a', connect), 'done');
    assert.equal(room.does('a', connect), 'media.order');
  });

  it('restart ICE', () => {
    const room = roomOf('a');
    const ask = room.ask('a', { kind: 'restart-ice', transport: room.transport('a', 'receive') });
    room.settle();
    assert.deepEqual(room.answers.get(ask), {
      ok: true,
      value: { kind: 'ice', iceParameters: { usernameFragment: 'new', password: 'p' } },
    });
  });

  it('that the engine lost leave nothing behind', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    room.hear({ kind: 'transport-lost', room: ROOM, transport: room.transport('a', 'send') });
    assert.equal(room.state.owners.size, 0);
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-removed']);
    assert.deepEqual(
      room.notices().map(({ kind }) => kind),
      ['transport-lost'],
    );
  });

  it('of others, and ids that never were, do not exist', () => {
    const room = roomOf('a', 'b');
    for (const transport of [room.transport('b', 'send'), asId<typeof own>('made-up')]) {
      assert.equal(
        room.does('a', { kind: 'connect-transport', transport, dtlsParameters: DTLS }),
        'media.unknown',
      );
      assert.equal(room.does('a', { kind: 'restart-ice', transport }), 'media.unknown');
    }
    const own = room.transport('a', 'send');
    const rtpCapabilities = { codecs: [], headerExtensions: [] };
    assert.equal(room.does('a', { kind: 'receive', transport: own, rtpCapabilities }), 'media.invalid');
  });
});
