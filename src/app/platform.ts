import { randomBytes as nodeRandomBytes } from 'node:crypto';
import type { Clock, RandomBytes } from '../base/clock.ts';

/** The real clock and the real randomness: made here and handed in, so that every other part can be driven by tests. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};

export const secureRandomBytes: RandomBytes = (size) => new Uint8Array(nodeRandomBytes(size));
