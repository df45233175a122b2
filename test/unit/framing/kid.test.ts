import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinKid, MAX_CONTEXT, MAX_SENDER_NUMBER, splitKid } from '../../../src/framing/kid.ts';
import { MAX_UINT64 } from '../../../src/framing/sframe-header.ts';

test('the number is the lowest 20 bits, the context all above', () => {
  assert.equal(joinKid({ context: 3, number: 5 }), (3n << 20n) | 5n);
  assert.deepEqual(splitKid((3n << 20n) | 5n), { context: 3, number: 5 });
  assert.equal(joinKid({ context: MAX_CONTEXT, number: MAX_SENDER_NUMBER }), MAX_UINT64);
});

test('joining and splitting are each other undone', () => {
  const context = fc.integer({ min: 0, max: MAX_CONTEXT });
  const number = fc.integer({ min: 0, max: MAX_SENDER_NUMBER });
  fc.assert(
    fc.property(fc.record({ context, number }), (parts) => {
      const { context, number } = splitKid(joinKid(parts));
      assert.equal(context, parts.context);
      assert.equal(number, parts.number);
    }),
  );
});
