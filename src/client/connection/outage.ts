import { backoffMs } from './backoff.ts';

/** How long a lost connection is sought: longer outages are for people to decide about. */
export const GIVE_UP_AFTER_MS = 120_000;
/** A connection that held this long starts the waits anew; without it a server that hangs up at once would be stormed. */
export const STABLE_AFTER_MS = 5_000;

/** When to try again, and when to stop. Time comes in with every call. */
export class Outage {
  #attempt = 0;
  #sinceMs: number;
  #openedAtMs: number | undefined;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  get attempt(): number {
    return this.#attempt;
  }

  onOpen(nowMs: number): void {
    this.#openedAtMs = nowMs;
  }

  /** Milliseconds until the next attempt, or `undefined` where it has been tried for long enough. */
  onDown(nowMs: number, random: number): number | undefined {
    if (this.#openedAtMs !== undefined && nowMs - this.#openedAtMs >= STABLE_AFTER_MS) {
      this.#attempt = 0;
      this.#sinceMs = nowMs;
    }
    this.#openedAtMs = undefined;
    if (nowMs - this.#sinceMs >= GIVE_UP_AFTER_MS) return undefined;
    this.#attempt += 1;
    return backoffMs(this.#attempt, random);
  }
}
