import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochBitsOf, joinMlsKid, splitMlsKid } from '../../../../src/e2ee/mls/kid.ts';

test('a key id is context, leaf and epoch, from the highest bits down', () => {
  assert.equal(joinMlsKid({ context: 3n, leaf: 5, epochBits: 7 }), 0x3_005_7n);
  assert.equal(epochBitsOf(35n), 3);
});

test('a key id splits into what it was joined from', () => {
  for (const parts of [
    { context: 0n, leaf: 0, epochBits: 0 },
    { context: 2n ** 48n - 1n, leaf: 4095, epochBits: 15 },
    { context: 77n, leaf: 1000, epochBits: 9 },
  ]) {
    assert.deepEqual(splitMlsKid(joinMlsKid(parts)), parts);
  }
});

test('what has no room is thrown at its caller', () => {
  for (const [context, leaf] of [
    [2n ** 48n, 0],
    [-1n, 0],
    [0n, 4096],
    [0n, -1],
  ] as const) {
    assert.throws(() => joinMlsKid({ context, leaf, epochBits: 0 }), RangeError);
  }
});
