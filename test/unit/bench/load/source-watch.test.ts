import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceWatch } from '../../../../bench/load/crew/source-watch.ts';
import { Tally } from '../../../../bench/load/crew/tally.ts';
import type { ConsumerId, ParticipantId } from '../../../../src/base/ids.ts';
import type { StreamState } from '../../../../src/client/store/state.ts';

const RECEIVER = 3;
const secondOf = (nowMs: number): number => Math.floor(nowMs / 1_000);

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
  const watch = new SourceWatch('video', RECEIVER, 0);
  const next = show(watch, 0, 1_000, 0);
  show(watch, 3_000, 4_000, next + 60);
  const { freezes, frozenMs, frozen, framesExpected, framesArrived } = watch.record(secondOf);
  assert.deepEqual([freezes, Math.round(frozenMs / 100)], [1, 20]);
  assert.deepEqual(
    frozen.map(({ fromSecond, ms }) => [fromSecond, ms === frozenMs]),
    [[0, true]],
  );
  assert.equal(framesExpected - framesArrived, 60);
});

test('a picture that never comes back is frozen to the end, and that time was watched', () => {
  const watch = new SourceWatch('video', RECEIVER, 0);
  show(watch, 0, 1_000, 0);
  watch.end(6_000);
  const { freezes, watchedMs } = watch.record(secondOf);
  assert.deepEqual([freezes, watchedMs], [1, 6_000]);
});

test('who never saw a picture has seen none freeze', () => {
  const watch = new SourceWatch('video', RECEIVER, 0);
  watch.end(6_000);
  assert.deepEqual([watch.record(secondOf).freezes, watch.record(secondOf).watchedMs], [0, 0]);
});

test('each freeze is told once, and none of sound or of what is only counted', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER, 0);
  show(watch, 0, 100, 0);
  watch.frame(2_000);
  for (let i = 0; i < 2; i++) watch.tell(tally);
  assert.equal(tally.takeSecond(1).added.freezes, 1);

  const sound = new SourceWatch('audio', RECEIVER, 0);
  show(sound, 0, 100, 0);
  sound.frame(2_000);
  sound.tell(tally);
  assert.deepEqual([tally.takeSecond(1).added.freezes, sound.record(secondOf).freezes], [0, 0]);

  watch.stop();
  watch.end(9_000);
  const { opened, watchedMs, framesExpected } = watch.record(secondOf);
  assert.deepEqual([opened, watchedMs, framesExpected], [false, 0, 0]);
});

test('a picture that stands still is told while it does, and once', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER, 0);
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
  assert.deepEqual([watch.record(secondOf).freezes, watch.record(secondOf).frozenMs], [1, 2_500]);
});

test('what was frozen before it was only counted is of no picture', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER, 0);
  watch.frame(0);
  watch.stop();
  watch.frame(9_000);
  watch.tell(tally, 20_000);
  const { freezes, frozenMs } = tally.takeSecond(1).added;
  assert.deepEqual([freezes, frozenMs], [0, 0]);
});

const shownAs = (changes: Partial<StreamState> = {}): StreamState => ({
  consumer: 'c' as ConsumerId,
  participant: 'p' as ParticipantId,
  source: 'microphone',
  paused: false,
  layers: undefined,
  ...changes,
});

/** A look each second, with what came until then and what the meeting says; answers looks and those without a packet. */
const looksAt = (
  watch: SourceWatch,
  seconds: readonly (readonly [packets: number, shown: StreamState | undefined])[],
): [number, number] => {
  for (const [i, [packets, shown]] of seconds.entries()) {
    watch.arrived(packets);
    watch.look((i + 1) * 1_000, shown);
  }
  const { looks, looksStopped } = watch.record(secondOf);
  return [looks, looksStopped];
};

test('a stream that stops though its sender sends is seen, opened or only counted', () => {
  const shown = shownAs();
  const seconds = [50, 50, 50, 0, 0, 50].map((packets) => [packets, shown] as const);
  const opened = new SourceWatch('audio', RECEIVER, 0);
  assert.deepEqual(looksAt(opened, seconds), [5, 2]);
  const counted = new SourceWatch('video', RECEIVER, 0);
  counted.stop();
  assert.deepEqual(looksAt(counted, seconds), [5, 2]);
});

test('speakers who rest have not stopped, not even those who rest for less than a second', () => {
  const [talking, resting, again] = [shownAs(), shownAs({ paused: true }), shownAs()];
  const watch = new SourceWatch('audio', RECEIVER, 0);
  assert.deepEqual(
    looksAt(watch, [
      [50, talking],
      [20, resting],
      [0, resting],
      [0, again],
      [50, again],
    ]),
    [1, 0],
  );
  const short = new SourceWatch('audio', RECEIVER, 0);
  assert.deepEqual(
    looksAt(short, [
      [50, talking],
      [0, again],
      [50, again],
    ]),
    [1, 0],
  );
});

test('layers that change are no excuse, and who has left is one', () => {
  const [high, none] = [
    shownAs({ layers: { spatialLayer: 2, temporalLayer: 0 } }),
    shownAs({ layers: undefined }),
  ];
  const watch = new SourceWatch('video', RECEIVER, 0);
  assert.deepEqual(
    looksAt(watch, [
      [90, high],
      [0, none],
      [0, none],
      [0, undefined],
      [0, undefined],
    ]),
    [2, 2],
  );
});

test('what streams did is told once', () => {
  const tally = new Tally();
  const watch = new SourceWatch('audio', RECEIVER, 0);
  const shown = shownAs();
  looksAt(watch, [
    [50, shown],
    [0, shown],
  ]);
  for (let i = 0; i < 2; i++) watch.tell(tally);
  const { looks, looksStopped } = tally.takeSecond(1).added;
  assert.deepEqual([looks, looksStopped], [1, 1]);
});

test('a picture that stood still until its sender left was frozen until then, and one that went on was not', () => {
  const frozenMs = (lastFrameMs: number): number => {
    const watch = new SourceWatch('video', RECEIVER, 0);
    show(watch, 0, lastFrameMs, 0);
    for (const atMs of [1_000, 2_000, 3_000]) watch.tell(new Tally(), atMs);
    watch.tell(new Tally());
    watch.end();
    return Math.round(watch.record(secondOf).frozenMs / 100);
  };
  assert.deepEqual([frozenMs(1_000), frozenMs(3_400)], [20, 0]);
});

test('of a picture that stands still it is told how long the relay sent no layer of it', () => {
  const tally = new Tally();
  const watch = new SourceWatch('video', RECEIVER, 0);
  const shown = (layers: StreamState['layers'], paused = false): StreamState => ({
    consumer: 'c' as ConsumerId,
    participant: 'p' as ParticipantId,
    source: 'camera',
    paused,
    layers,
  });
  const lookAndTell = (nowMs: number, one: StreamState): number => {
    watch.look(nowMs, one);
    watch.tell(tally, nowMs);
    return Math.round(tally.takeSecond(1).added.frozenUnsentMs);
  };
  const lowest = { spatialLayer: 0, temporalLayer: 0 };
  watch.frame(0);
  assert.equal(lookAndTell(1_000, shown(lowest)), 0, 'it is sent, and does not come');
  assert.equal(lookAndTell(2_000, shown(undefined)), 1_000);
  watch.frame(2_500);
  assert.equal(lookAndTell(2_510, shown(lowest)), 500, 'until it came back');
  assert.equal(lookAndTell(3_510, shown(lowest)), 0);
  lookAndTell(4_510, shown(undefined, true));
  assert.equal(lookAndTell(5_510, shown(undefined, true)), 0, 'its sender rests it');
});
