import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Flow } from '../../../../bench/load/measure/flow.ts';
import { Freezes } from '../../../../bench/load/measure/freezes.ts';
import { Durations } from '../../../../bench/load/measure/histogram.ts';
import { marked, markOf } from '../../../../bench/load/measure/mark.ts';
import { FrameCount, SequenceCount } from '../../../../bench/load/measure/sequence.ts';

const MARK = { clock: 0xfedcba98, sender: 7, sequence: 4_000_000_000, dueMs: 123_456_789.125 };

test('a mark is read back, and the frame before it is as it was', () => {
  const frame = Uint8Array.of(1, 2, 3);
  const bytes = marked(frame, MARK);
  assert.deepEqual(markOf(bytes), MARK);
  assert.deepEqual(bytes.subarray(0, 3), frame);
  // As it comes out of the seal: somewhere inside of a larger buffer.
  const inside = new Uint8Array([9, 9, ...bytes, 9]).subarray(2, 2 + bytes.length);
  assert.deepEqual(markOf(inside), MARK);
});

test('every frame grows by the same, so that sound keeps its constant size', () => {
  const sizes = [0, 80, 5_000].map((size) => marked(new Uint8Array(size), MARK).length - size);
  assert.equal(new Set(sizes).size, 1);
});

test('a frame that nobody marked has no mark', () => {
  for (const size of [0, 23, 24, 600]) assert.equal(markOf(new Uint8Array(size).fill(7)), undefined);
});

const freezesOf = (frameMs: number, gapsMs: readonly number[]): Freezes => {
  const freezes = new Freezes(frameMs);
  let atMs = 1_000;
  freezes.frame(atMs);
  for (const gap of gapsMs) {
    atMs += gap;
    freezes.frame(atMs);
  }
  return freezes;
};

test('at 30 pictures a second a freeze is 150 ms more than a frame time, at 5 three frame times', () => {
  const limit = 1_000 / 30 + 150;
  assert.equal(freezesOf(1_000 / 30, [33, limit - 0.01, 33]).count, 0);
  const frozen = freezesOf(1_000 / 30, [33, limit + 0.01, 33, 400]);
  assert.equal(frozen.count, 2);
  assert.equal(Math.round(frozen.frozenMs), Math.round(limit + 400));
  assert.equal(Math.round(frozen.watchedMs), Math.round(33 + limit + 33 + 400));
  assert.equal(freezesOf(200, [599]).count, 0);
  assert.equal(freezesOf(200, [600]).count, 1);
});

test('a picture that never came did not freeze', () => {
  const none = new Freezes(33);
  assert.deepEqual([none.count, none.frozenMs, none.watchedMs], [0, 0, 0]);
  const one = freezesOf(33, []);
  assert.deepEqual([one.count, one.watchedMs], [0, 0]);
});

test('a picture that stands still is frozen for as long as it has, if it was to go on', () => {
  const freezes = freezesOf(1_000 / 30, [33]);
  assert.deepEqual([freezes.frozenMsUntil(1_033 + 100), freezes.frozenMsUntil(1_033 + 400)], [0, 400]);
  assert.equal(new Freezes(33).frozenMsUntil(9_000), 0);
});

const flowOf = (offeredMs: number, looks: readonly (readonly [nowMs: number, packets: number])[]) => {
  const flow = new Flow(offeredMs);
  for (const [nowMs, packets] of looks) flow.look({ nowMs, packets, isToFlow: true });
  return [flow.looks, flow.stopped];
};

test('a stream that never begins has stopped, once a slow start is over', () => {
  const never = Array.from({ length: 10 }, (_, i) => [1_000 * i, 0] as const);
  assert.deepEqual(flowOf(0, never), [4, 4]);
  const slow = never.map(([nowMs], i) => [nowMs, i < 4 ? 0 : i] as const);
  assert.deepEqual(flowOf(0, slow), [5, 0]);
});

test('looks that a stall kept apart, or drove together, say nothing', () => {
  const looks = [
    [1_000, 50],
    [2_000, 100],
    // Nothing was read meanwhile, and the looks that were due come all at once.
    [5_000, 100],
    [5_001, 100],
    [5_002, 100],
    [6_000, 400],
    [7_000, 400],
  ] as const;
  assert.deepEqual(flowOf(0, looks), [3, 1]);
});

test('packets are counted over the end of their numbers, out of order as well', () => {
  const count = new SequenceCount();
  for (const sequence of [65_534, 65_535, 1, 0, 4]) count.add(sequence);
  assert.deepEqual([count.expected, count.received, count.missing], [7, 5, 2]);
  assert.equal(new SequenceCount().expected, 0);
});

test('frames that are missing between the first and the last are missing; a repeated number is none', () => {
  const count = new FrameCount();
  for (const sequence of [10, 11, 11, 14]) count.add(sequence);
  assert.deepEqual([count.expected, count.arrived], [5, 3]);
});

test('durations keep three digits, and say the same after a journey', () => {
  const durations = new Durations();
  for (let ms = 1; ms <= 1_000; ms++) durations.add(ms);
  const travelled = Durations.decoded(durations.encoded());
  for (const one of [durations, travelled]) {
    const summary = one.summary();
    assert.equal(summary?.n, 1_000);
    for (const [share, ms] of [
      [0.5, 500],
      [0.95, 950],
      [1, 1_000],
    ] as const)
      assert.ok(Math.abs(one.at(share) - ms) <= ms / 1_000 + 0.001, `${share}: ${one.at(share)}`);
  }
});

test('durations of two processes become one; of none there is no figure', () => {
  const [a, b] = [new Durations(), new Durations()];
  a.add(10);
  b.add(30);
  a.merge(b);
  assert.equal(a.count, 2);
  assert.ok(Math.abs(a.at(1) - 30) < 0.05);
  assert.equal(new Durations().summary(), undefined);
});

test('a clock that seems to go back, and an endless wait, stay within bounds', () => {
  const durations = new Durations();
  durations.add(-5);
  durations.add(Number.MAX_SAFE_INTEGER);
  assert.equal(durations.count, 2);
  assert.equal(durations.at(0), 0);
});
