/** Deaths longer ago than this say nothing about the next one. */
export const DEATH_MEMORY_MS = 60_000;

/** After the second death: long enough to spare the machine, short enough for a meeting to wait. */
const FIRST_DELAY_MS = 1_000;

/** A worker that keeps dying costs two starts a minute, and comes back within this once its cause is gone. */
const MAX_DELAY_MS = 30_000;

/**
 * How long to wait before a worker is started again: not at all after its first death, then doubling.
 * @param recentDeaths failed starts and deaths within `DEATH_MEMORY_MS`, this one included
 */
export function respawnDelayMs(recentDeaths: number): number {
  if (recentDeaths <= 1) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** Math.min(recentDeaths - 2, 16), MAX_DELAY_MS);
}
