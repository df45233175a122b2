import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../../../../src/base/bytes.ts';
import { asId } from '../../../../src/base/ids.ts';
import { judge } from '../../../../src/sfu/room/witness.ts';
import { person, ROOM, type RoomDriver, roomOf } from '../../../support/room-driver.ts';
import { opus } from '../../../support/room-media.ts';
import { paddingPacket, plainOpusPacket, sealedOpusPacket } from '../../../support/sealed-packets.ts';

const NUMBER = 1000;
const show = (room: RoomDriver, packet: Uint8Array) =>
  room.hear({ kind: 'packet', room: ROOM, producer: room.producer('a', 'microphone'), packet });

describe('the witness', () => {
  it('judges a packet by itself', () => {
    const rtp = plainOpusPacket().subarray(0, 12);
    assert.equal(judge(sealedOpusPacket(NUMBER), 'opus', [NUMBER]), 'sealed');
    assert.equal(judge(sealedOpusPacket(NUMBER + 1), 'opus', [NUMBER]), 'wrong-sender');
    assert.equal(judge(plainOpusPacket(), 'opus', [NUMBER]), 'wrong-sender');
    assert.equal(judge(concatBytes(rtp, Uint8Array.of(0xff, 1)), 'opus', [NUMBER]), 'in-clear');
    assert.equal(judge(paddingPacket(), 'opus', [NUMBER]), 'no-frame');
    assert.equal(judge(Uint8Array.of(1, 2, 3), 'opus', [NUMBER]), 'in-clear');
  });

  it('accuses random plaintext, all but about one frame in 2^20', () => {
    const rtp = plainOpusPacket().subarray(0, 12);
    const plaintext = fc.uint8Array({ minLength: 20, maxLength: 60 });
    const number = fc.integer({ min: 2 ** 16, max: 2 ** 20 - 1 });
    fc.assert(
      fc.property(plaintext, number, (bytes, n) => judge(concatBytes(rtp, bytes), 'opus', [n]) !== 'sealed'),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('counts sealed frames, also resent and reordered ones, and leaves their producer alone', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'microphone');
    for (const ctr of [1n, 3n, 2n, 2n]) show(room, sealedOpusPacket(NUMBER, ctr));
    show(room, paddingPacket());
    assert.deepEqual(room.state.witness, { framesSeen: 4, framesInClear: 0, wrongSender: 0 });
    assert.deepEqual(room.toldKinds('b'), ['consumer-added']);
  });

  it('closes a producer at its first frame in clear, and tells its owner, the others and the operator', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'microphone');
    const producer = room.producer('a', 'microphone');
    const packet = concatBytes(plainOpusPacket().subarray(0, 12), Uint8Array.of(0xff));
    room.newVerbKinds();
    show(room, packet);
    assert.deepEqual(room.newVerbKinds(), ['close-producer', 'close-consumer']);
    assert.deepEqual(room.told('a'), [{ kind: 'producer-removed', producer, why: 'in-clear' }]);
    assert.deepEqual(room.toldKinds('b'), ['consumer-added', 'consumer-removed']);
    const notice = { kind: 'seen-in-clear', participant: 'a', source: 'microphone', verdict: 'in-clear' };
    assert.deepEqual(room.notices(), [notice]);
    room.hear({ kind: 'packet', room: ROOM, producer, packet });
    assert.deepEqual(room.state.witness, { framesSeen: 1, framesInClear: 1, wrongSender: 0 });
    assert.equal(room.produce('a', 'microphone'), 'producer', 'it may try again, sealed');
  });

  it('closes a producer whose frames carry another number: plaintext looks so, and so does forgery', () => {
    for (const packet of [plainOpusPacket(), sealedOpusPacket(NUMBER + 1)]) {
      const room = roomOf('a', 'b');
      room.produce('a', 'microphone');
      const producer = room.producer('a', 'microphone');
      show(room, packet);
      assert.deepEqual(room.told('a'), [{ kind: 'producer-removed', producer, why: 'wrong-sender' }]);
      assert.deepEqual(room.state.witness, { framesSeen: 1, framesInClear: 0, wrongSender: 1 });
    }
  });

  it('takes the numbers that it is told to expect, in place of the one before, and keeps them over a new router', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'microphone');
    const expect = (...numbers: number[]) =>
      room.feed({ kind: 'expect-senders', numbers: new Map([[person('a'), numbers]]) });
    expect(17, 34);
    for (const number of [17, 34, 17]) show(room, sealedOpusPacket(number));
    assert.deepEqual(room.toldKinds('a'), []);
    expect(34);
    room.hear({ kind: 'router-lost', room: ROOM, worker: asId('w1') });
    room.settle();
    room.does('a', { kind: 'create-transport', direction: 'send' });
    assert.equal(room.produce('a', 'microphone'), 'producer');
    show(room, sealedOpusPacket(34));
    assert.equal(room.state.witness.wrongSender, 0);
    show(room, sealedOpusPacket(17));
    assert.equal(room.state.witness.wrongSender, 1);
    expect();
    assert.equal(room.produce('a', 'microphone'), 'producer');
    show(room, sealedOpusPacket(NUMBER));
    assert.equal(room.state.witness.wrongSender, 2, 'nothing is expected');
  });

  it('refuses a produce request whose stream was in clear before it was answered', () => {
    const room = roomOf('a', 'b');
    const transport = room.transport('a', 'send');
    const stream = { transport, source: 'microphone', rtpParameters: opus(), paused: false } as const;
    const ask = room.ask('a', { kind: 'produce', ...stream });
    room.reply('produce');
    show(room, plainOpusPacket());
    room.reply('watch');
    assert.equal(room.answerTo(ask), 'media.gone');
    assert.deepEqual([room.toldKinds('a'), room.told('b')], [['producer-removed'], []]);
    assert.equal(room.state.participants.get(person('a'))?.producers.size, 0);
  });
});
