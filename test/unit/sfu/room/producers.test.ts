import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Source } from '../../../../src/base/media.ts';
import type { RtpParameters } from '../../../../src/base/rtp.ts';
import { person, roomOf } from '../../../support/room-driver.ts';
import { CAPABILITIES, codecNamed, opus, vp8, vp9 } from '../../../support/room-media.ts';

const withCodecs = (...names: string[]): RtpParameters => ({ ...vp8(1), codecs: names.map(codecNamed) });

const STREAMS: readonly [string, Source, RtpParameters, string][] = [
  ['Opus as microphone', 'microphone', opus(), 'producer'],
  ['VP8 in three sizes as camera', 'camera', vp8(3), 'producer'],
  ['VP8 in one size as screen', 'screen', vp8(1), 'producer'],
  ['VP9 as screen', 'screen', vp9(), 'producer'],
  ['a codec in capitals, with retransmission', 'camera', withCodecs('VIDEO/vp8', 'video/rtx'), 'producer'],
  ['VP8 as microphone', 'microphone', vp8(1), 'media.invalid'],
  ['Opus as camera', 'camera', opus(), 'media.invalid'],
  ['VP8 in four sizes', 'camera', vp8(4), 'media.invalid'],
  ['VP9 in three sizes', 'camera', vp9(3), 'media.invalid'],
  ['no encoding at all', 'camera', vp8(0), 'media.invalid'],
  ['H264', 'camera', withCodecs('video/H264'), 'media.codec'],
  ['AV1', 'camera', withCodecs('video/AV1'), 'media.codec'],
  ['PCMU', 'microphone', withCodecs('audio/PCMU'), 'media.codec'],
  ['VP8 under the name of a sound', 'microphone', withCodecs('audio/vp8'), 'media.codec'],
  ['two codecs', 'camera', withCodecs('video/vp8', 'video/vp9'), 'media.codec'],
  ['retransmission alone', 'camera', withCodecs('video/rtx'), 'media.codec'],
];

describe('producing', () => {
  for (const [what, source, rtpParameters, expected] of STREAMS)
    it(`answers ${expected} to ${what}`, () => {
      const room = roomOf('a');
      const transport = room.transport('a', 'send');
      const answer = room.does('a', { kind: 'produce', transport, source, rtpParameters, paused: false });
      assert.equal(answer, expected);
      assert.equal(room.state.owners.size, expected === 'producer' ? 1 : 0);
    });

  it('puts all streams of a person under one stream id, whatever the client wrote', () => {
    const room = roomOf('a');
    for (const source of ['microphone', 'camera'] as const) room.produce('a', source);
    const named = room.verbs().flatMap((verb) => (verb.kind === 'produce' ? [verb.rtpParameters] : []));
    assert.deepEqual(
      named.map(({ msid, rtcp }) => [msid, rtcp.cname]),
      [
        ['a', 'a'],
        ['a', 'a'],
      ],
    );
  });

  it('is answered once the witness watches, and nobody receives before', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const request = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    const ask = room.ask('a', { kind: 'produce', ...request });
    room.reply('produce');
    assert.equal(room.answerTo(ask), 'none');
    assert.equal(room.verbKinds().includes('consume'), false);
    room.reply('watch');
    assert.equal(room.answerTo(ask), 'producer');
    assert.equal(room.verbKinds().at(-1), 'consume');
  });

  it('is not forwarded before it is watched, whatever else happens meanwhile', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const request = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...request });
    const rtpCapabilities = CAPABILITIES;
    room.ask('b', { kind: 'receive', transport: room.transport('b', 'receive'), rtpCapabilities });
    assert.equal(room.verbKinds().includes('consume'), false);
    const producer = room.producer('a', 'microphone');
    const early = room.ask('a', { kind: 'pause-producer', producer });
    assert.equal(room.answerTo(early), 'media.unknown');
  });

  it('fails, and closes what was made, where the witness cannot watch', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const request = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    const ask = room.ask('a', { kind: 'produce', ...request });
    room.reply('produce');
    room.refuse('watch');
    assert.equal(room.answerTo(ask), 'media.refused');
    assert.equal(room.verbKinds().at(-1), 'close-producer');
    assert.deepEqual(
      room.notices().map(({ kind }) => kind),
      ['watch-refused'],
    );
    assert.equal(room.state.owners.size, 0);
  });

  it('passes the engine’s refusal on and closes what may have come too late', () => {
    const room = roomOf('a');
    const transport = room.transport('a', 'send');
    const request = { transport, source: 'camera', rtpParameters: vp8(), paused: false } as const;
    const ask = room.ask('a', { kind: 'produce', ...request });
    room.refuse('produce');
    assert.equal(room.answerTo(ask), 'media.refused');
    assert.equal(room.verbKinds().at(-1), 'close-producer');
    assert.equal(room.produce('a', 'camera'), 'producer');
  });

  it('replaces the producer of the same source, the old one first', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const [first, seen] = [room.producer('a', 'camera'), room.consumer('b', 'a', 'camera')];
    room.newVerbKinds();
    assert.equal(room.produce('a', 'camera'), 'producer');
    const expected = ['close-producer', 'close-consumer', 'produce', 'watch', 'consume'];
    assert.deepEqual(room.newVerbKinds(), expected);
    assert.notEqual(room.producer('a', 'camera'), first);
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-removed', 'consumer-added']);
    assert.notEqual(room.consumer('b', 'a', 'camera'), seen);
    assert.deepEqual(room.toldKinds('a'), []);
  });

  it('leaves the old producer alone where the new one is not acceptable', () => {
    const room = roomOf('a');
    room.produce('a', 'camera');
    const transport = room.transport('a', 'send');
    const first = room.producer('a', 'camera');
    const bad = { transport, source: 'camera', rtpParameters: vp8(4), paused: false } as const;
    assert.equal(room.does('a', { kind: 'produce', ...bad }), 'media.invalid');
    assert.equal(room.producer('a', 'camera'), first);
  });

  it('answers both when one replaces another on its way', () => {
    const room = roomOf('a');
    const transport = room.transport('a', 'send');
    const request = { transport, source: 'camera', rtpParameters: vp8(), paused: false } as const;
    const asks = [1, 2].map(() => room.ask('a', { kind: 'produce', ...request }));
    room.settle();
    assert.deepEqual(
      asks.map((ask) => room.answerTo(ask)),
      ['media.gone', 'producer'],
    );
  });

  it('needs one’s own transport for sending', () => {
    const room = roomOf('a', 'b');
    const stream = { kind: 'produce', source: 'microphone', rtpParameters: opus(), paused: false } as const;
    const on = (name: string, direction: 'send' | 'receive') =>
      room.does('a', { ...stream, transport: room.transport(name, direction) });
    assert.equal(on('b', 'send'), 'media.unknown');
    assert.equal(on('a', 'receive'), 'media.invalid');
  });
});

describe('a producer', () => {
  it('is paused and resumed for everybody, who hear of it when the engine has done it', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const producer = room.producer('a', 'camera');
    const consumer = room.consumer('b', 'a', 'camera');
    room.ask('a', { kind: 'pause-producer', producer });
    assert.deepEqual(room.toldKinds('b'), ['consumer-added']);
    room.settle();
    assert.deepEqual(room.told('b').at(-1), { kind: 'consumer-paused', consumer });
    assert.equal(room.does('a', { kind: 'pause-producer', producer }), 'done');
    assert.equal(room.does('a', { kind: 'resume-producer', producer }), 'done');
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-paused', 'consumer-resumed']);
  });

  it('stays as it was where the engine refuses to pause it', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const ask = room.ask('a', { kind: 'pause-producer', producer: room.producer('a', 'camera') });
    room.refuse('pause-producer', 'media.unavailable');
    assert.equal(room.answerTo(ask), 'media.unavailable');
    assert.deepEqual(room.toldKinds('b'), ['consumer-added']);
  });

  it('that starts paused is announced as paused', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera', true);
    const [added] = room.told('b');
    assert.ok(added?.kind === 'consumer-added' && added.producerPaused);
  });

  it('that is paused between consuming and announcing is announced as paused', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'camera', rtpParameters: vp8(), paused: false } as const;
    room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    room.reply('watch');
    room.ask('a', { kind: 'pause-producer', producer: room.producer('a', 'camera') });
    room.reply('pause-producer');
    assert.deepEqual(room.told('b'), []);
    room.reply('consume');
    const [added, ...more] = room.told('b');
    assert.ok(added?.kind === 'consumer-added' && added.producerPaused);
    assert.deepEqual(more, []);
  });

  it('is closed at once, and taken from its receivers', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'screen');
    const producer = room.producer('a', 'screen');
    const ask = room.ask('a', { kind: 'close-producer', producer });
    assert.equal(room.answerTo(ask), 'done');
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-removed']);
    assert.equal(room.does('a', { kind: 'close-producer', producer }), 'media.unknown');
  });

  it('of somebody else does not exist', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'camera');
    const producer = room.producer('a', 'camera');
    for (const kind of ['pause-producer', 'resume-producer', 'close-producer'] as const)
      assert.equal(room.does('b', { kind, producer }), 'media.unknown');
    assert.equal(room.state.participants.get(person('a'))?.producers.size, 1);
  });
});
