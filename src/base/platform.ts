import type { Clock, RandomBytes } from './clock.ts';

/**
 * The real clock and randomness of this process or page. Only where a program begins: everything else takes them as
 * arguments, so that tests drive them.
 */
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

/** At most 65,536 bytes at a time, as the Web Cryptography API has it. */
export const secureRandomBytes: RandomBytes = (size) => crypto.getRandomValues(new Uint8Array(size));
