import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { summarize } from '../stats.ts';

/** What became of the arrivals of one step. */
export interface Step {
  readonly ratePerSecond: number;
  /** From the planned moment, not from when the generator came to it: who is served late has waited. */
  readonly latenciesMs: readonly number[];
  readonly failed: number;
  /** Arrivals that were served, by the time until the last of them was. */
  readonly servedPerSecond: number;
  /** p99 of how long after its planned moment an arrival began: a generator that is slow itself shows here. */
  readonly startedLateMs: number;
}

/** Longer is no service. */
const GIVEN_UP_MS = 10_000;

const within = async (work: Promise<number>): Promise<number | undefined> => {
  const ending = new AbortController();
  const late = sleep(GIVEN_UP_MS, undefined, { signal: ending.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    ending.abort();
  }
};

/** A timer is as coarse as a millisecond: what is left then is waited for without one. */
const until = async (plannedMs: number): Promise<void> => {
  const waitMs = plannedMs - performance.now();
  if (waitMs > 1) await sleep(Math.floor(waitMs));
  while (performance.now() < plannedMs);
};

/**
 * Has `arrive` begin at its planned times, whatever became of those before (an open model), and waits for all. It answers
 * when it was served, by `performance.now()`.
 */
export const runStep = async (
  ratePerSecond: number,
  seconds: number,
  arrive: (i: number) => Promise<number>,
): Promise<Step> => {
  const count = Math.max(1, Math.round(ratePerSecond * seconds));
  const startMs = performance.now();
  const running: Promise<number | undefined>[] = [];
  const lateMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const plannedMs = startMs + (i * 1_000) / ratePerSecond;
    await until(plannedMs);
    lateMs.push(performance.now() - plannedMs);
    running.push(within(arrive(i)).then((servedMs) => servedMs && servedMs - plannedMs));
  }
  const latenciesMs = (await Promise.all(running)).filter((latency) => latency !== undefined);
  const lastedMs = Math.max(performance.now() - startMs, seconds * 1_000);
  return {
    ratePerSecond,
    latenciesMs,
    failed: count - latenciesMs.length,
    servedPerSecond: (latenciesMs.length * 1_000) / lastedMs,
    startedLateMs: summarize(lateMs)?.p99 ?? 0,
  };
};
