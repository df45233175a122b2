import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutFromSlabs } from '../../../src/e2ee/keys/slab.ts';
import { nodeDriver } from '../../../src/e2ee/sframe/node.ts';

test('every cut has its size and memory that no other has', () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 300_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 60 }), (sizes) => {
      const allocate = cutFromSlabs((size) => new Uint8Array(size));
      const cuts = sizes.map((size, i) => allocate(size).fill(i + 1));
      for (const [i, cut] of cuts.entries()) {
        assert.equal(cut.length, sizes[i]);
        assert.ok(cut.every((byte) => byte === i + 1));
      }
    }),
    { numRuns: 30 },
  );
});

test('small cuts share memory, large ones have their own', () => {
  let allocations = 0;
  const allocate = cutFromSlabs((size) => {
    allocations += 1;
    return new Uint8Array(size);
  });
  for (let i = 0; i < 200; i++) allocate(1000);
  assert.equal(allocations, 1);
  assert.equal(allocate(100_000).length, 100_000);
  assert.equal(allocations, 2);
  allocate(1000);
  assert.equal(allocations, 2);
});

test('memory that OpenSSL gave is freed at once, memory that others share is not', () => {
  const alone = new Uint8Array(100);
  nodeDriver.release(alone);
  assert.equal(alone.length, 0);
  const shared = new Uint8Array(100);
  nodeDriver.release(shared.subarray(0, 50));
  assert.equal(shared.length, 100);
});
