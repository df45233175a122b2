import type { Clock } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';

/** How often a condition is looked at: far below what a person notices, far above what it costs. */
const LOOK_EVERY_MS = 50;
/** Progress lines of one wait come no closer. */
const SAY_EVERY_MS = 2_000;

export interface Wait {
  readonly clock: Clock;
  readonly what: string;
  readonly limitMs: number;
  /** What is still missing; the wait is over when nothing is. */
  readonly missing: () => readonly string[];
  readonly say: (line: string) => void;
}

export const pause = (clock: Clock, durationMs: number): Promise<void> =>
  new Promise((resolve) => clock.after(durationMs, resolve));

/** Waits until nothing is missing. Throws `selfcheck.late`, with all that is, after `limitMs`. */
export const waitFor = async ({ clock, what, limitMs, missing, say }: Wait): Promise<void> => {
  const startMs = clock.nowMs();
  let saidMs = startMs;
  for (let left = missing(); left.length > 0; left = missing()) {
    const nowMs = clock.nowMs();
    if (nowMs - startMs >= limitMs)
      throw new BelfryError(
        'selfcheck.late',
        `${what}: after ${limitMs / 1000} s still missing: ${left.join(', ')}`,
      );
    if (nowMs - saidMs >= SAY_EVERY_MS) {
      saidMs = nowMs;
      say(`${what}: ${left.length} missing after ${((nowMs - startMs) / 1000).toFixed(0)} s`);
    }
    await pause(clock, LOOK_EVERY_MS);
  }
};
