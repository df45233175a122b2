import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, meanOf, meanWithInterval, resampledMeans } from '../../../bench/paired.ts';
import { seededRandom } from '../../../bench/random.ts';

test('differences are taken round by round, of rounds that both have', () => {
  assert.deepEqual(differences([5, 7, 9], [1, 10]), [4, -3]);
});

test('resampled means lie around the mean, and within the values', () => {
  const values = [1, 2, 3, 10];
  const means = resampledMeans(values, seededRandom(1), 5_000);
  assert.equal(means.length, 5_000);
  assert.ok(Math.min(...means) >= 1 && Math.max(...means) <= 10);
  assert.ok(Math.abs(meanOf(means) - 4) < 0.1);
});

test('the interval is as wide as the standard error says it must be', () => {
  const values = Array.from({ length: 100 }, (_, i) => i);
  const { mean, low, high } = meanWithInterval(values, resampledMeans(values, seededRandom(1), 5_000), 0.95);
  assert.equal(mean, 49.5);
  const standardError = 28.87 / Math.sqrt(100);
  assert.ok(Math.abs(low - (mean - 1.96 * standardError)) < 0.5, `${low}`);
  assert.ok(Math.abs(high - (mean + 1.96 * standardError)) < 0.5, `${high}`);
});

test('of equal values there is no spread', () => {
  const values = [3, 3, 3];
  assert.deepEqual(meanWithInterval(values, resampledMeans(values, seededRandom(1), 10), 0.95), {
    mean: 3,
    low: 3,
    high: 3,
  });
});
