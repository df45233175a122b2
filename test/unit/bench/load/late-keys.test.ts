import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CpuShares } from '../../../../bench/load/crew/cpu-shares.ts';
import { LateKeys } from '../../../../bench/load/crew/late-keys.ts';
import type { CountName, Measure } from '../../../../bench/load/crew/messages.ts';
import { Refusals } from '../../../../bench/load/crew/refusals.ts';
import type { MeetingState } from '../../../../src/client/store/state.ts';

const frames = (late: LateKeys, ...atMs: readonly number[]): void => {
  for (const at of atMs) late.refused(at);
};

const answered = (late: LateKeys, askedMs: number, atMs: number, tookMs = 0) =>
  late.answered({ askedMs, atMs, tookMs });

test('a frame is the generator’s where its key would have been there in time without what it waited for others', () => {
  const late = new LateKeys();
  answered(late, 1_360, 1_400, 10);
  answered(late, 1_460, 1_500, 10);
  frames(late, 1_440, 1_439, 1_490);
  assert.equal(late.came(1_500), 2);
  assert.equal(late.came(1_600), 0, 'each is told of once');
});

test('what was asked at once was waited for once', () => {
  for (const [frameMs, own] of [
    [1_000, 0],
    [1_399, 0],
    [1_400, 1],
  ] as const) {
    const late = new LateKeys();
    for (let i = 0; i < 2; i++) answered(late, 1_400, 2_000);
    frames(late, frameMs);
    assert.equal(late.came(2_000), own, `${frameMs}`);
  }
  const within = new LateKeys();
  answered(within, 1_500, 1_900);
  answered(within, 1_400, 2_000);
  frames(within, 1_399, 1_400);
  assert.equal(within.came(2_000), 1, 'one inside the other');
});

test('a key that came late all by itself, as where the relay kept the commit, excuses nothing', () => {
  const late = new LateKeys();
  for (let i = 0; i < 10; i++) answered(late, 3_400, 3_900);
  answered(late, 4_990, 5_000, 9);
  frames(late, 4_000, 4_900);
  assert.equal(late.came(5_000), 0, 'nothing was asked for a second');
  answered(late, 5_390, 5_900);
  answered(late, 5_990, 6_000, 5);
  frames(late, 5_484, 5_485);
  assert.equal(late.came(6_000), 1, 'a short pause is of fetching, and none of waiting');
});

test('what was late before any sender could wait for it counts for nothing, and of an answer only what lies after', () => {
  for (const [cameMs, own] of [
    [2_011, 0],
    [2_010, 1],
  ] as const) {
    const late = new LateKeys();
    answered(late, 0, 1_010);
    answered(late, 1_010, cameMs, cameMs - 1_010);
    frames(late, 2_000);
    assert.equal(late.came(cameMs), own, 'ten milliseconds of the wait lie in the second before the frame');
  }
});

test('frames without end are kept up to a bound, and what is beyond it is nobody’s excuse', () => {
  const late = new LateKeys();
  for (let i = 0; i < 5_000; i++) late.refused(1_000);
  answered(late, 600, 1_100);
  assert.equal(late.came(1_100), 4_096);
});

test('while several things are under way, the CPU of their thread is theirs in equal parts', async () => {
  let cpuMs = 0;
  const shares = new CpuShares(() => cpuMs);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  cpuMs = 100;
  const one = shares.costOf(() => first.promise);
  cpuMs = 110;
  const other = shares.costOf(() => second.promise);
  cpuMs = 130;
  first.resolve();
  assert.equal((await one).cpuMs, 20);
  cpuMs = 135;
  second.resolve();
  assert.equal((await other).cpuMs, 15);
});

const seen = (later: number, epoch: bigint) =>
  ({
    refusedFrames: {
      'frame.later-epoch': later,
      'frame.not-authentic': 7,
      'frame.earlier-epoch': 2,
      'frame.forgotten-epoch': 7,
    },
    epochs: [{ number: epoch }],
  }) as unknown as Pick<MeetingState, 'refusedFrames' | 'epochs'>;

test('a participant’s refusals become the generator’s once the key comes; those of other kinds never do', () => {
  const counts = new Map<CountName, number>();
  const tally = {
    add: (name: CountName, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by),
    took: (_measure: Measure) => {},
  };
  let nowMs = 0;
  const refusals = new Refusals(tally, () => nowMs);
  refusals.see(seen(0, 1n));
  nowMs = 1_000;
  refusals.see(seen(2, 1n));
  refusals.see(seen(2, 1n));
  refusals.answered({ askedMs: 900, atMs: 1_200, tookMs: 0 });
  nowMs = 1_200;
  refusals.see(seen(2, 2n));
  assert.equal(counts.get('framesOwnLate'), 2);
  nowMs = 1_300;
  refusals.see(seen(3, 2n));
  refusals.see(seen(3, 2n));
  assert.equal(counts.get('framesOwnLate'), 2, 'the key of that one has not come');
  assert.equal(counts.get('framesBefore'), 2);
});

test('a new join is no key: what came before it stays the relay’s', () => {
  const own: number[] = [];
  const tally = {
    add: (name: CountName, by = 1) => void (name === 'framesOwnLate' && own.push(by)),
    took() {},
  };
  let nowMs = 1_000;
  const refusals = new Refusals(tally, () => nowMs);
  refusals.see(seen(0, 1n));
  refusals.see(seen(3, 1n));
  refusals.answered({ askedMs: 900, atMs: 1_100, tookMs: 0 });
  nowMs = 1_100;
  refusals.see({ ...seen(0, 1n), epochs: [] });
  refusals.see(seen(0, 2n));
  assert.equal(
    own.reduce((sum, by) => sum + by, 0),
    0,
  );
});

test('frames of an epoch before somebody came are not for them, for as long as whoever was in it could open them', () => {
  const counts = new Map<CountName, number>();
  const tally = {
    add: (name: CountName, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by),
    took() {},
  };
  let nowMs = 0;
  const refusals = new Refusals(tally, () => nowMs);
  const see = (count: number, epoch: bigint) =>
    refusals.see({ ...seen(0, epoch), refusedFrames: { 'frame.earlier-epoch': count } });
  nowMs = 5_000;
  see(0, 7n);
  nowMs = 7_000;
  see(4, 8n);
  assert.equal(counts.get('framesBefore'), 4);
  nowMs = 7_001;
  see(9, 8n);
  assert.equal(counts.get('framesBefore'), 4, 'a sender that was left behind is told of');
});
