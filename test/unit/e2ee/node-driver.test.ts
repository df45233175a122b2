import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';

test('memory that stands alone is freed at once, memory that others share is not', () => {
  const alone = new Uint8Array(100);
  nodeDriver.release(alone);
  assert.equal(alone.length, 0);
  const shared = new Uint8Array(100);
  nodeDriver.release(shared.subarray(0, 50));
  assert.equal(shared.length, 100);
});

test('what it hands out is plain bytes, whose slice copies', () => {
  const bytes = nodeDriver.allocate(10).fill(1);
  assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  const copy = bytes.slice();
  bytes.fill(2);
  assert.equal(copy[0], 1);
});
