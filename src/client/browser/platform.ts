import type { Clock, RandomBytes } from '../../base/clock.ts';

/** Time and randomness of a page; everything else here takes them as arguments. */
export const browserClock: Clock = {
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

export const browserRandomBytes: RandomBytes = (size) => crypto.getRandomValues(new Uint8Array(size));
