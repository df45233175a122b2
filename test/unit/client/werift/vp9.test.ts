import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Assembler, vp9Assembler } from '../../../../src/client/werift/receive/assembler.ts';

const [START, END, INTER] = [0b1000, 0b0100, 0b0100_0000];
/** Non-flexible mode with layer indices and TL0PICIDX (RFC 9628 section 4.2): three bytes before the frame's own. */
const payload = (flags: number, layer: number, ...bytes: number[]): Buffer =>
  Buffer.from([0b0010_0000 | flags, layer << 1, 7, ...bytes]);

const add = (assembler: Assembler, data: Buffer, marker = false, afterGap = false) => {
  const frame = assembler.add({ payload: data, timestamp: 3_000, marker }, afterGap);
  return frame && { bytes: [...frame.wire], isKeyFrame: frame.isKeyFrame };
};

describe('VP9 packets', () => {
  it('make one frame for each spatial layer, which are sealed apart', () => {
    const assembler = vp9Assembler();
    assert.deepEqual(add(assembler, payload(START | END, 0, 1, 2)), { bytes: [1, 2], isKeyFrame: true });
    assert.equal(add(assembler, payload(START, 1, 3)), undefined);
    assert.equal(add(assembler, payload(0, 1, 4)), undefined);
    assert.deepEqual(add(assembler, payload(END, 1, 5), true), { bytes: [3, 4, 5], isKeyFrame: true });
    assert.deepEqual(add(assembler, payload(START | END | INTER, 0, 6), true), {
      bytes: [6],
      isKeyFrame: false,
    });
    assert.equal(assembler.broken, 0);
  });

  it('give a layer up that has a hole, and go on with the next', () => {
    const assembler = vp9Assembler();
    add(assembler, payload(START, 0, 1));
    assert.equal(add(assembler, payload(END, 0, 3), false, true), undefined);
    assert.equal(assembler.broken, 1);
    assert.deepEqual(add(assembler, payload(START | END, 1, 9), true)?.bytes, [9]);
  });

  it('that are no VP9 begin and end nothing', () => {
    const assembler = vp9Assembler();
    assert.equal(add(assembler, Buffer.from([0b1011_1000]), true), undefined);
    assert.equal(add(assembler, payload(END, 0, 1), true), undefined);
    assert.equal(assembler.broken, 0);
  });
});
