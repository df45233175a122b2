import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  epochBitsOf,
  MAX_LEAF,
  nearestEpoch,
  senderNumberOf,
  splitSenderNumber,
} from '../../../../src/e2ee/mls/kid.ts';
import { joinKid, MAX_SENDER_NUMBER } from '../../../../src/framing/kid.ts';

test('a key id is context, leaf and epoch, from the highest bits down', () => {
  assert.equal(joinKid({ context: 3, number: senderNumberOf(5, 23n) }), 0x3_0005_7n);
  assert.equal(epochBitsOf(35n), 3);
});

test('a sender number splits into what it was made from', () => {
  for (const [leaf, epoch] of [
    [0, 0n],
    [MAX_LEAF, 15n],
    [1_000, 2n ** 60n + 9n],
  ] as const) {
    const number = senderNumberOf(leaf, epoch);
    assert.ok(number <= MAX_SENDER_NUMBER);
    assert.deepEqual(splitSenderNumber(number), { leaf, epochBits: epochBitsOf(epoch) });
  }
});

test('what an epoch left in a key id means the nearest such epoch', () => {
  for (const epoch of [32n, 2n ** 60n + 9n])
    for (const by of [8n, 1n, 0n, -1n, -7n])
      assert.equal(nearestEpoch(epochBitsOf(epoch + by), epoch), epoch + by);
});

test('a leaf that has no room is thrown at its caller', () => {
  for (const leaf of [-1, MAX_LEAF + 1, 0.5]) assert.throws(() => senderNumberOf(leaf, 0n), RangeError);
});
