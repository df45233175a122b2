import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../bench/random.ts';

test('a seed repeats itself, another one differs', () => {
  assert.deepEqual(seededRandom(5).bytes(64), seededRandom(5).bytes(64));
  assert.notDeepEqual(seededRandom(5).bytes(64), seededRandom(6).bytes(64));
});

test('shuffling keeps every item and reaches every order', () => {
  const random = seededRandom(1);
  const orders = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const shuffled = random.shuffled(['a', 'b', 'c']);
    assert.deepEqual(shuffled.toSorted(), ['a', 'b', 'c']);
    orders.add(shuffled.join(''));
  }
  assert.equal(orders.size, 6);
});

test('fractions fill the way from 0 to 1 evenly', () => {
  const random = seededRandom(2);
  const fractions = Array.from({ length: 10_000 }, () => random.fraction());
  assert.ok(fractions.every((one) => one >= 0 && one < 1));
  const tenths = Array.from({ length: 10 }, (_, i) => fractions.filter((one) => Math.floor(10 * one) === i));
  for (const tenth of tenths) assert.ok(Math.abs(tenth.length - 1_000) < 100, `${tenth.length}`);
});
