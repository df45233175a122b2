import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONSUME_RETRY_MS } from '../../../../src/sfu/room/limits.ts';
import { person, ROOM, roomOf } from '../../../support/room-driver.ts';
import { CAPABILITIES, opus } from '../../../support/room-media.ts';

describe('consumers of a room', () => {
  it('are made for everybody else who receives, and announced once made', () => {
    const room = roomOf('a', 'b', 'c');
    room.enter('d', 4);
    room.produce('a', 'camera');
    const [added] = room.told('b');
    assert.deepEqual(added, {
      kind: 'consumer-added',
      consumer: room.consumer('b', 'a', 'camera'),
      producer: room.producer('a', 'camera'),
      participant: 'a',
      source: 'camera',
      rtpParameters: opus(99),
      producerPaused: false,
    });
    assert.deepEqual(room.toldKinds('c'), ['consumer-added']);
    assert.deepEqual([room.told('a'), room.told('d')], [[], []]);
  });

  it('are made of what others sent before one receives', () => {
    const room = roomOf('a');
    room.produce('a', 'camera');
    room.produce('a', 'microphone');
    room.join('b', 2);
    assert.deepEqual(
      room.told('b').map((event) => event.kind === 'consumer-added' && event.source),
      ['camera', 'microphone'],
    );
  });

  it('are not made of codecs that the receiver lacks', () => {
    const room = roomOf('a', 'b');
    const codecs = CAPABILITIES.codecs.filter(({ kind }) => kind === 'audio');
    room.receive('b', { codecs, headerExtensions: [] });
    room.produce('a', 'camera');
    room.produce('a', 'microphone');
    assert.equal(room.told('b').length, 1);
  });

  it('pass the receiver’s pause, resume and key-frame requests on', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const consumer = room.consumer('b', 'a', 'camera');
    for (const kind of ['resume-consumer', 'pause-consumer', 'request-key-frame'] as const) {
      assert.equal(room.does('b', { kind, consumer }), 'done');
      assert.deepEqual(room.verbs().at(-1), { kind, consumer });
      assert.equal(room.does('a', { kind, consumer }), 'media.unknown');
    }
  });

  it('are unknown to their receiver until they are announced', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    const consumer = room.consumer('b', 'a', 'microphone');
    const ask = room.ask('b', { kind: 'resume-consumer', consumer });
    assert.equal(room.answerTo(ask), 'media.unknown');
  });

  it('are held to the layers that their receiver prefers', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const consumer = room.consumer('b', 'a', 'camera');
    const wish = { kind: 'prefer-layers', consumer, spatialLayer: 1 } as const;
    assert.equal(room.does('b', wish), 'done');
    assert.deepEqual(room.verbs().at(-1), { ...wish, temporalLayer: 7 });
    room.newVerbKinds();
    assert.equal(room.does('b', wish), 'done');
    assert.deepEqual(room.newVerbKinds(), [], 'nothing changed');
    assert.equal(room.does('a', wish), 'media.unknown');
  });

  it('keep a preference over a new transport, and lose it with the producer', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const consumer = room.consumer('b', 'a', 'camera');
    room.does('b', { kind: 'prefer-layers', consumer, spatialLayer: 0, temporalLayer: 1 });
    room.does('b', { kind: 'create-transport', direction: 'receive' });
    room.receive('b');
    assert.deepEqual(room.verbs().at(-1), {
      kind: 'prefer-layers',
      consumer: room.consumer('b', 'a', 'camera'),
      spatialLayer: 0,
      temporalLayer: 1,
    });
    room.does('a', { kind: 'close-producer', producer: room.producer('a', 'camera') });
    assert.equal(room.state.participants.get(person('b'))?.preferred.size, 0);
  });

  it('tell their receiver which layers flow', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const consumer = room.consumer('b', 'a', 'camera');
    room.hear({ kind: 'layers-changed', room: ROOM, consumer, spatialLayer: 2, temporalLayer: 1 });
    const told = { kind: 'layers-changed', consumer, spatialLayer: 2, temporalLayer: 1 };
    assert.deepEqual(room.told('b').at(-1), told);
    assert.deepEqual(room.told('a'), []);
  });

  it('that the engine refuses are told to the operator, closed and not tried again until asked', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    room.refuse('consume');
    assert.deepEqual(room.notices(), [{ kind: 'consume-refused', participant: 'b', code: 'media.refused' }]);
    assert.equal(room.verbKinds().at(-1), 'close-consumer');
    assert.equal(room.wakeAtMs, undefined);
    room.newVerbKinds();
    room.produce('b', 'microphone');
    assert.equal(room.newVerbKinds().filter((kind) => kind === 'consume').length, 1, 'for a only');
    assert.deepEqual(room.told('b'), []);
    room.receive('b');
    assert.deepEqual(room.toldKinds('b'), ['consumer-added']);
  });

  it('that the engine did not make in time are asked for again, later', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    const late = room.consumer('b', 'a', 'microphone');
    room.refuse('consume', 'media.unavailable');
    assert.deepEqual(room.verbs().at(-1), { kind: 'close-consumer', consumer: late });
    assert.equal(room.wakeAtMs, CONSUME_RETRY_MS);
    room.advance(CONSUME_RETRY_MS - 1);
    room.settle();
    assert.deepEqual(room.told('b'), []);
    room.advance(1);
    room.settle();
    assert.equal(room.wakeAtMs, undefined);
    assert.deepEqual(room.toldKinds('b'), ['consumer-added']);
    assert.notEqual(room.consumer('b', 'a', 'microphone'), late);
  });

  it('that are late are asked for together, without those that were refused', () => {
    const room = roomOf('a', 'b', 'c', 'd');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    room.refuse('consume', 'media.unavailable');
    room.advance(1_000);
    room.refuse('consume', 'media.refused');
    room.refuse('consume', 'media.unavailable');
    assert.equal(room.wakeAtMs, CONSUME_RETRY_MS);
    room.newVerbKinds();
    room.advance(CONSUME_RETRY_MS - 1_000);
    assert.deepEqual(room.newVerbKinds(), ['consume', 'consume']);
    room.settle();
    assert.deepEqual([room.toldKinds('b').length, room.told('c').length, room.told('d').length], [1, 0, 1]);
  });

  it('that were refused end silently', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    room.refuse('consume');
    room.does('a', { kind: 'close-producer', producer: room.producer('a', 'microphone') });
    assert.deepEqual(room.told('b'), []);
    assert.equal(room.state.participants.get(person('b'))?.consumers.size, 0);
  });

  it('of an earlier transport are not announced as those of the present one', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    room.ask('b', { kind: 'create-transport', direction: 'receive' });
    room.reply('create-transport');
    const receiver = room.transport('b', 'receive');
    room.ask('b', { kind: 'receive', transport: receiver, rtpCapabilities: CAPABILITIES });
    room.reply('consume');
    assert.deepEqual(room.told('b'), []);
    room.reply('consume');
    const [added] = room.told('b');
    assert.ok(added?.kind === 'consumer-added');
    assert.equal(added.consumer, room.consumer('b', 'a', 'microphone'));
  });

  it('are never announced once their producer is gone', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    room.leave('a');
    room.settle();
    assert.deepEqual(room.told('b'), []);
    assert.equal(room.verbKinds().at(-1), 'close-consumer');
  });
});
