import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceWatch } from '../../../../bench/load/crew/source-watch.ts';
import { Tally } from '../../../../bench/load/crew/tally.ts';

const RECEIVER = 3;

/** Thirty pictures a second, numbered from `first` on. */
const show = (watch: SourceWatch, fromMs: number, untilMs: number, first: number): number => {
  let sequence = first;
  for (let atMs = fromMs; atMs < untilMs; atMs += 1_000 / 30) {
    watch.frame(atMs);
    watch.sequence(sequence++);
  }
  return sequence;
};

test('a picture that comes back on another stream stood still meanwhile, and lacks what was sent then', () => {
  const watch = new SourceWatch('video', RECEIVER);
  const next = show(watch, 0, 1_000, 0);
  show(watch, 3_000, 4_000, next + 60);
  const { freezes, frozenMs, framesExpected, framesArrived } = watch.record();
  assert.deepEqual([freezes, Math.round(frozenMs / 100)], [1, 20]);
  assert.equal(framesExpected - framesArrived, 60);
});

test('a picture that never comes back is frozen to the end, and that time was watched', () => {
  const watch = new SourceWatch('video', RECEIVER);
  show(watch, 0, 1_000, 0);
  watch.end(6_000);
  const { freezes, watchedMs } = watch.record();
  assert.deepEqual([freezes, watchedMs], [1, 6_000]);
});

test('who never saw a picture has seen none freeze', () => {
  const watch = new SourceWatch('video', RECEIVER);
  watch.end(6_000);
  assert.deepEqual([watch.record().freezes, watch.record().watchedMs], [0, 0]);
});

test('each freeze is told once, and none of sound or of what is only counted', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER);
  show(watch, 0, 100, 0);
  watch.frame(2_000);
  for (let i = 0; i < 2; i++) watch.tell(tally);
  assert.equal(tally.takeSecond(1).added.freezes, 1);

  const sound = new SourceWatch('audio', RECEIVER);
  show(sound, 0, 100, 0);
  sound.frame(2_000);
  sound.tell(tally);
  assert.deepEqual([tally.takeSecond(1).added.freezes, sound.record().freezes], [0, 0]);

  watch.stop();
  watch.end(9_000);
  const { opened, watchedMs, framesExpected } = watch.record();
  assert.deepEqual([opened, watchedMs, framesExpected], [false, 0, 0]);
});

test('a picture that stands still is told while it does, and once', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER);
  const frozenMs = (untilMs?: number): number => {
    watch.tell(tally, untilMs);
    return Math.round(tally.takeSecond(1).added.frozenMs);
  };
  watch.frame(1_000);
  assert.equal(frozenMs(1_100), 0);
  assert.equal(frozenMs(2_000), 1_000);
  assert.equal(frozenMs(3_000), 1_000);
  watch.frame(3_500);
  assert.equal(frozenMs(3_510), 500);
  assert.equal(frozenMs(), 0);
  assert.deepEqual([watch.record().freezes, watch.record().frozenMs], [1, 2_500]);
});

test('what was frozen before it was only counted is of no picture', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER);
  watch.frame(0);
  watch.stop();
  watch.frame(9_000);
  watch.tell(tally, 20_000);
  const { freezes, frozenMs } = tally.takeSecond(1).added;
  assert.deepEqual([freezes, frozenMs], [0, 0]);
});
