import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clearLength } from '../../../src/framing/clear.ts';

const KEY_FRAME = 0b0101_0000;
const DELTA_FRAME = 0b0101_0001;
const frame = (firstByte: number, length: number) => {
  const bytes = new Uint8Array(length).fill(0xaa);
  bytes[0] = firstByte;
  return bytes;
};

test('VP8 keeps 10 bytes of a key frame clear and 1 of a delta frame', () => {
  assert.equal(clearLength('vp8', frame(KEY_FRAME, 500)), 10);
  assert.equal(clearLength('vp8', frame(KEY_FRAME, 10)), 10);
  assert.equal(clearLength('vp8', frame(DELTA_FRAME, 500)), 1);
  assert.equal(clearLength('vp8', frame(DELTA_FRAME, 1)), 1);
});

test('a VP8 frame shorter than its clear bytes is none', () => {
  assert.equal(clearLength('vp8', new Uint8Array(0)), undefined);
  assert.equal(clearLength('vp8', frame(KEY_FRAME, 9)), undefined);
});

test('VP9 and Opus keep nothing clear, empty frames included', () => {
  for (const codec of ['vp9', 'opus'] as const) {
    assert.equal(clearLength(codec, frame(KEY_FRAME, 500)), 0);
    assert.equal(clearLength(codec, new Uint8Array(0)), 0);
  }
});
