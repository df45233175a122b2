import type { Clock } from '../base/clock.ts';

/** Often enough to see a stall that people hear (a frame is 20 ms late), rarely enough to cost nothing. */
const SAMPLE_PERIOD_MS = 100;

/** Tells `observe` how late each sample ran, in seconds. The returned function ends it. */
export const watchEventLoop = (clock: Clock, observe: (delaySeconds: number) => void): (() => void) => {
  let cancel: () => void;
  const schedule = (): void => {
    const dueMs = clock.nowMs() + SAMPLE_PERIOD_MS;
    cancel = clock.after(SAMPLE_PERIOD_MS, () => {
      observe(Math.max(0, clock.nowMs() - dueMs) / 1000);
      schedule();
    });
  };
  schedule();
  return () => cancel();
};
