import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../../../../bench/load/impair/held.ts';

test('items come out when they are due, those of one time as they went in', () => {
  const held = new Held<string>(10);
  for (const [atMs, item] of [
    [20, 'c'],
    [10, 'a'],
    [30, 'e'],
    [10, 'b'],
    [20, 'd'],
  ] as const)
    assert.ok(held.add(atMs, item));
  assert.equal(held.nextMs, 10);
  assert.deepEqual(held.takeDue(9.9), []);
  assert.deepEqual(held.takeDue(10), ['a', 'b']);
  assert.equal(held.nextMs, 20);
  assert.deepEqual(held.takeDue(40), ['c', 'd', 'e']);
  assert.equal(held.nextMs, undefined);
});

test('an item too many is refused', () => {
  const held = new Held<number>(2);
  assert.deepEqual(
    [1, 2, 3].map((n) => held.add(n, n)),
    [true, true, false],
  );
  assert.deepEqual(held.takeDue(3), [1, 2]);
});
