/** First wait: a server that only restarts is back within about this; shorter waits add load just then. */
const FIRST_MS = 250;
/** Longest wait: after a long outage people wait for at most this; shorter would storm a server that comes back. */
const LONGEST_MS = 10_000;

/**
 * Milliseconds before connection attempt `attempt` (1 is the first retry): doubled each time, and spread over its upper
 * half, so that clients cut off together do not come back together. `random` is from 0 up to 1.
 */
export const backoffMs = (attempt: number, random: number): number => {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 30));
  return Math.round((ceiling / 2) * (1 + random));
};
