import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContextHistory, MAX_LIVE_CONTEXTS } from '../../../src/e2ee/keys/context-history.ts';
import { MAX_CONTEXT } from '../../../src/framing/kid.ts';

const accept = (history: ContextHistory, context: number, ctr: bigint): boolean => {
  const accepted = history.accepts(context, ctr);
  if (accepted) history.add(context, ctr);
  return accepted;
};

test('contexts have windows of their own', () => {
  const history = new ContextHistory();
  assert.ok(accept(history, 0, 7n));
  assert.ok(accept(history, 1, 7n));
  assert.ok(!accept(history, 0, 7n));
});

test('no frame is accepted twice, in whatever order any number of contexts come', () => {
  const frame = fc.tuple(
    fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 3000 })),
    fc.bigInt({ min: 0n, max: 3n }),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 3000 }), (frames) => {
      const history = new ContextHistory();
      const accepted = new Set<string>();
      for (const [context, ctr] of frames) {
        if (!accept(history, context, ctr)) continue;
        assert.ok(!accepted.has(`${context} ${ctr}`), `${context} ${ctr} twice`);
        accepted.add(`${context} ${ctr}`);
      }
    }),
    { numRuns: 50 },
  );
});

test('beyond the limit the longest silent context is retired for good, the others go on', () => {
  const history = new ContextHistory();
  for (let context = 0; context < MAX_LIVE_CONTEXTS; context++) assert.ok(accept(history, context, 0n));
  assert.ok(accept(history, 0, 1n), 'context 0 speaks again, so 1 is now the longest silent');
  assert.equal(history.add(MAX_LIVE_CONTEXTS, 0n), 1);
  assert.ok(!history.accepts(1, 0n), 'what it had sent');
  assert.ok(!history.accepts(1, 99n), 'what it had not sent');
  assert.ok(accept(history, 0, 2n));
});

test('a stream that never falls silent outlives any number of others', () => {
  const history = new ContextHistory();
  for (let context = 1; context < 5000; context++) {
    assert.ok(accept(history, 0, BigInt(context)));
    assert.ok(accept(history, context, 0n));
  }
  assert.ok(!history.accepts(0, 4999n));
});

test('a context that others overtook is fresh, until it is a window below the retired ones', () => {
  const history = new ContextHistory();
  for (let context = 0; context < 500; context++) if (context !== 10) accept(history, context, 0n);
  assert.ok(history.accepts(10, 0n));
  for (let context = 500; context < 1200; context++) accept(history, context, 0n);
  assert.ok(!history.accepts(10, 0n));
  assert.ok(history.accepts(MAX_CONTEXT, 0n));
});
