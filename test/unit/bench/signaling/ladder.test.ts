import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runStep, type Step } from '../../../../bench/signaling/arrivals.ts';
import { climb, isHeld, ratesOf } from '../../../../bench/signaling/ladder.ts';
import { faultsOf, newClimbs, seriesOf } from '../../../../bench/signaling/results.ts';

const step = (change: Partial<Step> = {}): Step => ({
  ratePerSecond: 100,
  servedPerSecond: 99,
  latenciesMs: [5, 6, 7],
  failed: 0,
  startedLateMs: 1,
  ...change,
});

describe('a step', () => {
  it('holds while all are served at once, at the rate that was planned', () => {
    assert.equal(isHeld(step()), true);
    assert.equal(isHeld(step({ failed: 1 })), false, 'one was not served');
    assert.equal(isHeld(step({ latenciesMs: [5, 101] })), false, 'the slowest waited');
    assert.equal(isHeld(step({ servedPerSecond: 94 })), false, 'a queue grew');
  });
});

describe('a climb', () => {
  const upTo = (limit: number, startedLateMs: number) => async (ratePerSecond: number) =>
    step({ ratePerSecond, servedPerSecond: Math.min(ratePerSecond, limit), startedLateMs });

  it('ends with the first step that does not hold, and its knee is the one before', async () => {
    const { kneePerSecond, steps, limit } = await climb([10, 20, 40, 80, 160], upTo(40, 1));
    assert.deepEqual([kneePerSecond, steps.length, limit], [40, 4, 'served']);
  });

  it('says when the generator was too slow itself', async () => {
    const found = await climb([10, 20], upTo(10, 51));
    assert.equal(found.limit, 'generator');
    const fine = await climb([10, 20], upTo(10, 50));
    assert.equal(fine.limit, 'served');
    const climbs = newClimbs();
    climbs.joins.certificate.push(found);
    climbs.events.certificate.push(fine);
    climbs.events.bare.push(found);
    assert.deepEqual(faultsOf(climbs), ['joins: the generator was the limit in 1 climbs of the relay']);
  });

  it('says when the ladder ended before the server did', async () => {
    assert.equal((await climb([10, 20], upTo(40, 1))).limit, 'top');
  });

  it('has rates of one factor', () => {
    assert.deepEqual(ratesOf(50, 1.5, 200), [50, 75, 113, 169]);
  });

  it('gives latencies of steps that held alone', async () => {
    const found = await climb([10, 20], upTo(10, 1));
    const climbs = newClimbs();
    climbs.joins.certificate.push(found);
    climbs.joins.bare.push(found);
    const series = seriesOf(climbs);
    const cases = series.filter(({ unit }) => unit === 'ms').map((one) => one.case);
    assert.deepEqual(cases, ['Belfry, 10 joins/s', 'bare ws, 10 joins/s']);
  });
});

describe('arrivals', () => {
  it('count from their planned time, also where the one before keeps the generator busy', async () => {
    const startMs = performance.now();
    const busyUntil = (untilMs: number) => {
      while (performance.now() < untilMs);
    };
    const { latenciesMs } = await runStep(1_000, 0.003, async (i) => {
      if (i === 0) busyUntil(startMs + 50);
      return performance.now();
    });
    assert.equal(latenciesMs.length, 3);
    assert.ok(
      latenciesMs.every((latency) => latency >= 40),
      String(latenciesMs),
    );
  });

  it('that fail are counted', async () => {
    const { failed, latenciesMs } = await runStep(1_000, 0.002, async (i) => {
      if (i === 0) throw new Error('refused');
      return performance.now();
    });
    assert.deepEqual([failed, latenciesMs.length], [1, 1]);
  });
});
