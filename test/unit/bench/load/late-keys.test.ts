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

test('a frame is the generator’s where its key would have been there in time without what it waited for others', () => {
  const late = new LateKeys();
  late.answered({ atMs: 1_400, lateMs: 30 });
  late.answered({ atMs: 1_500, lateMs: 30 });
  frames(late, 1_440, 1_439, 1_490);
  assert.equal(late.came(1_500), 2);
  assert.equal(late.came(1_600), 0, 'each is told of once');
});

test('a key that came late all by itself, as where the relay kept the commit, excuses nothing', () => {
  const late = new LateKeys();
  late.answered({ atMs: 5_000, lateMs: 1 });
  frames(late, 4_000, 4_900);
  assert.equal(late.came(5_000), 0);
});

test('what was late before any sender could wait for it counts for nothing, and of an answer only what lies after', () => {
  const late = new LateKeys();
  late.answered({ atMs: 900, lateMs: 900 });
  late.answered({ atMs: 1_010, lateMs: 500 });
  frames(late, 2_000);
  assert.equal(
    late.came(2_011),
    0,
    'ten milliseconds of the second answer lie in the second before the frame',
  );
  frames(late, 2_000);
  assert.equal(late.came(2_010), 1);
});

test('frames without end are kept up to a bound, and what is beyond it is nobody’s excuse', () => {
  const late = new LateKeys();
  for (let i = 0; i < 5_000; i++) late.refused(1_000);
  late.answered({ atMs: 1_100, lateMs: 500 });
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
  refusals.answered({ atMs: 1_200, lateMs: 300 });
  nowMs = 1_200;
  refusals.see(seen(2, 2n));
  assert.equal(counts.get('framesOwnLate'), 2);
  nowMs = 1_300;
  refusals.see(seen(3, 2n));
  refusals.see(seen(3, 2n));
  assert.equal(counts.get('framesOwnLate'), 2, 'the key of that one has not come');
  assert.equal(counts.get('framesBefore'), 2);
});
