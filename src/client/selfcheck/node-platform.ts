import { randomBytes } from 'node:crypto';
import type { Clock, RandomBytes } from '../../base/clock.ts';

/** The real clock and randomness of a program of its own; everything else here takes them as arguments. */
export const nodeClock: Clock = {
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

export const nodeRandomBytes: RandomBytes = (size) => new Uint8Array(randomBytes(size));
