import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAN, phasesOf } from '../../../../bench/peers/peers.ts';

test('a house settles once, before its first form is counted', () => {
  const { settleMs, warmMs, runMs } = PLAN.full;
  assert.ok(settleMs > 0);
  assert.deepEqual(phasesOf(PLAN.full, [1, 12]), [
    { warmMs: settleMs + warmMs, runMs, burst: 1 },
    { warmMs, runMs, burst: 12 },
  ]);
});
