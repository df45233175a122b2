import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linearScale, logPlaces, logScale } from '../../../../bench/plot/scale.ts';

const PLACE = { from: 300, to: 100 };

test('a linear scale begins at zero and ends at a round number', () => {
  const scale = linearScale([3, 17], PLACE);
  assert.deepEqual(scale.ticks, [0, 5, 10, 15, 20]);
  assert.deepEqual([scale.at(0), scale.at(20), scale.at(10)], [300, 100, 200]);
});

test('counts have whole labels', () => {
  assert.deepEqual(linearScale([0, 1], PLACE, 1).ticks, [0, 1]);
  assert.deepEqual(linearScale([12], PLACE, 1).ticks, [0, 5, 10, 15]);
});

test('nothing but zeros still has a scale', () => {
  const scale = linearScale([0, 0], PLACE);
  assert.ok(scale.ticks.length >= 2);
  assert.equal(scale.at(0), 300);
});

test('every value has its place within, for any values', () => {
  const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(fc.array(positive, { minLength: 1 }), (values) => {
      for (const scale of [linearScale(values, PLACE), logScale(values, PLACE)]) {
        assert.ok(scale.ticks.length >= 2 && scale.ticks.length <= 20, `${scale.ticks}`);
        for (const value of values) {
          const at = scale.at(value);
          assert.ok(at >= 100 - 1e-6 && at <= 300 + 1e-6, `${value} at ${at}`);
        }
      }
    }),
  );
});

test('a logarithmic scale has powers of ten at equal steps', () => {
  const scale = logScale([5, 800], PLACE);
  assert.deepEqual(scale.ticks, [1, 10, 100, 1_000]);
  const places = scale.ticks.map((value) => scale.at(value));
  assert.ok(Math.abs((places[0] ?? 0) - (places[1] ?? 0) - 200 / 3) < 1e-9);
});

test('given values stand in order, inside of the place', () => {
  const scale = logPlaces([100, 1_000, 100_000], { from: 0, to: 120 });
  assert.deepEqual(
    scale.ticks.map((value) => Math.round(scale.at(value))),
    [10, 43, 110],
  );
});
