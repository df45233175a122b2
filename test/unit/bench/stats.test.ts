import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rowsOf } from '../../../bench/rows.ts';
import { summarize } from '../../../bench/stats.ts';

test('percentiles are measured values, by nearest rank', () => {
  const samples = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.deepEqual(summarize(samples), { n: 200, min: 1, p50: 100, p95: 190, p99: 198, max: 200 });
  assert.deepEqual(summarize([7]), { n: 1, min: 7, p50: 7, p95: 7, p99: 7, max: 7 });
});

test('they are in order and within the samples, for any samples', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (samples) => {
      const summary = summarize(samples) ?? assert.fail('no summary');
      const { min, p50, p95, p99, max } = summary;
      assert.ok(min <= p50 && p50 <= p95 && p95 <= p99 && p99 <= max);
      for (const value of [min, p50, p95, p99, max]) assert.ok(samples.includes(value));
    }),
  );
});

test('what was not measured has no row', () => {
  assert.equal(summarize([]), undefined);
  assert.deepEqual(rowsOf([{ case: 'a', measure: 'time', unit: 'ns', samples: [] }]), []);
});

test('a ratio divides the medians of one measure', () => {
  const time = { measure: 'time', unit: 'ns' } as const;
  const [bare, seal, alone, other] = rowsOf([
    { ...time, case: 'bare', samples: [10, 20, 30] },
    { ...time, case: 'seal', samples: [30, 30, 90], against: 'bare' },
    { ...time, case: 'alone', samples: [1], against: 'absent' },
    { measure: 'size', unit: 'B', case: 'seal', samples: [1], against: 'bare' },
  ]);
  assert.deepEqual([bare?.ratio, bare?.against], [null, null]);
  assert.deepEqual([seal?.ratio, seal?.against], [1.5, 'bare']);
  assert.deepEqual([alone?.ratio, alone?.against], [null, null]);
  assert.deepEqual([other?.ratio, other?.against], [null, null]);
});
