import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { vp8Assembler, type WholeFrame } from '../../../../src/client/werift/receive/assembler.ts';
import { type InOrder, ReorderBuffer } from '../../../../src/client/werift/receive/reorder.ts';
import { packetizeVp8, parseVp8 } from '../../../../src/client/werift/rtp/vp8.ts';

interface Packet {
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly marker: boolean;
}

const frameOf = (at: number, size: number): Buffer => Buffer.alloc(size, at + 1);
const packetsOf = (sizes: readonly number[]): Packet[] =>
  sizes.flatMap((size, at) => {
    const payloads = packetizeVp8(frameOf(at, size), at);
    return payloads.map((payload, i) => ({
      payload,
      timestamp: at * 3000,
      marker: i === payloads.length - 1,
    }));
  });
const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 12 });
const firstSequence = fc.nat(0xffff);

/** Packets in some order, through reordering and assembly; `nowMs` late enough at the end that gaps are given up. */
const deliver = (arrivals: readonly (readonly [number, Packet])[]): WholeFrame[] => {
  const buffer = new ReorderBuffer<Packet>(100);
  const assembler = vp8Assembler();
  const frames: WholeFrame[] = [];
  const take = (ready: readonly InOrder<Packet>[]) => {
    for (const { item, afterGap } of ready) {
      const frame = assembler.add(item, afterGap);
      if (frame) frames.push(frame);
    }
  };
  for (const [sequence, packet] of arrivals) {
    buffer.push(sequence & 0xffff, packet, 0);
    take(buffer.take());
  }
  buffer.giveUp(1_000);
  take(buffer.take());
  return frames;
};

/** The first stays first, since a stream begins with whatever comes first; the others move up to `reach` places. */
const shuffled = <T>(items: readonly T[], moves: readonly number[], reach: number): T[] =>
  items
    .map((item, at) => ({ item, place: at === 0 ? -1 : at + ((moves[at % moves.length] ?? 0) % reach) }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

describe('VP8 packets', () => {
  it('fit 1,200 bytes with everything around them, and carry a 15-bit PictureID', () => {
    const payloads = packetizeVp8(Buffer.alloc(10_000, 1), 0x12345);
    for (const payload of payloads) {
      assert(12 + 28 + 2 + 16 + payload.length <= 1_200);
      assert.deepEqual([...payload.subarray(1, 4)], [0x80, 0x80 | 0x23, 0x45]);
    }
    assert.deepEqual(
      payloads.map((payload) => parseVp8(payload)?.startsFrame),
      payloads.map((_, at) => at === 0),
    );
  });

  it('refuse what ends inside its descriptor', () => {
    for (const bytes of [[], [0x10], [0x90], [0x90, 0x80], [0x90, 0x80, 0x80], [0x90, 0xf0, 0x80, 1, 2, 3]]) {
      assert.equal(parseVp8(Buffer.from(bytes)), undefined);
    }
  });

  it('give the frames back in order, whatever the order of the packets', () => {
    fc.assert(
      fc.property(sizes, firstSequence, fc.array(fc.nat(), { minLength: 1 }), (frameSizes, first, moves) => {
        const numbered = packetsOf(frameSizes).map((packet, at) => [first + at, packet] as const);
        const frames = deliver(shuffled([...numbered, ...numbered.slice(1, 4)], moves, 8));
        assert.deepEqual(
          frames.map(({ wire }) => wire),
          frameSizes.map((size, at) => frameOf(at, size)),
        );
      }),
    );
  });

  it('give only whole frames back after loss, and every frame that lost nothing', () => {
    fc.assert(
      fc.property(
        sizes,
        firstSequence,
        fc.array(fc.boolean(), { minLength: 1 }),
        (frameSizes, first, losses) => {
          const packets = packetsOf(frameSizes);
          const isLost = (at: number) => at > 0 && losses[at % losses.length] === true;
          const arrivals = packets.flatMap((packet, at) =>
            isLost(at) ? [] : [[first + at, packet] as const],
          );
          const complete = frameSizes.flatMap((size, frame) => {
            const lost = packets.some(({ timestamp }, at) => timestamp === frame * 3000 && isLost(at));
            return lost ? [] : [frameOf(frame, size)];
          });
          assert.deepEqual(
            deliver(arrivals).map(({ wire }) => wire),
            complete,
          );
        },
      ),
    );
  });

  it('never build a frame beyond the bound', () => {
    const assembler = vp8Assembler();
    const payload = Buffer.alloc(1_100);
    payload[0] = 0x10;
    assembler.add({ payload, timestamp: 0, marker: false }, false);
    payload[0] = 0;
    for (let i = 0; i < 1_000; i++) assembler.add({ payload, timestamp: 0, marker: false }, false);
    assert.equal(assembler.add({ payload, timestamp: 0, marker: true }, false), undefined);
    assert.equal(assembler.broken, 1);
  });
});

describe('the reorder buffer', () => {
  const filled = (...sequences: number[]) => {
    const buffer = new ReorderBuffer<number>(500);
    for (const sequence of sequences) buffer.push(sequence, sequence, 0);
    return buffer;
  };

  it('asks for each gap at once, again after a while, and no more once it is filled', () => {
    const buffer = filled(65_534, 1, 2);
    assert.deepEqual(buffer.toAsk(0), [65_535, 0]);
    assert.deepEqual(buffer.toAsk(30), []);
    assert.equal(buffer.push(0, 0, 40), 'taken');
    assert.deepEqual(buffer.toAsk(60), [65_535]);
    assert.equal(buffer.push(65_535, 65_535, 70), 'taken');
    assert.deepEqual(
      buffer.take().map(({ item }) => item),
      [65_534, 65_535, 0, 1, 2],
    );
    assert.deepEqual(buffer.toAsk(1_000), []);
  });

  it('knows repeated packets, before and after they were taken', () => {
    const buffer = filled(10, 12);
    assert.equal(buffer.push(12, 12, 0), 'repeated');
    buffer.take();
    assert.equal(buffer.push(10, 10, 0), 'repeated');
  });

  it('holds a bounded number of packets, and goes on without what they wait for', () => {
    const buffer = filled(0);
    buffer.take();
    for (let sequence = 2; sequence < 400; sequence++) buffer.push(sequence, sequence, 0);
    const ready = buffer.take();
    assert.deepEqual(ready[0], { item: 2, afterGap: true });
    assert.equal(ready.length, 398);
    assert.equal(buffer.lost, 1);
  });

  it('starts anew behind a jump in either direction', () => {
    const buffer = filled(5_000);
    buffer.take();
    for (const sequence of [9_000, 100]) {
      buffer.push(sequence, sequence, 0);
      assert.deepEqual(buffer.take(), [{ item: sequence, afterGap: true }]);
      assert.deepEqual(buffer.toAsk(0), []);
    }
  });
});
