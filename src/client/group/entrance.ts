import { ENTER_PAUSE_MS, PATIENCE_MS } from './limits.ts';

/** Whether this device is on its way into the group, and when it may try (again). */
export class Entrance {
  #againAtMs: number | undefined;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  get isUnderWay(): boolean {
    return this.#againAtMs !== undefined;
  }

  /** From now on, and at once where the last attempt is long enough ago. */
  want(nowMs: number): void {
    this.#againAtMs = Math.max(nowMs, this.#notBeforeMs);
  }

  isDue(nowMs: number): boolean {
    return this.#againAtMs !== undefined && nowMs >= this.#againAtMs;
  }

  tried(nowMs: number): void {
    this.#notBeforeMs = nowMs + ENTER_PAUSE_MS;
    this.#againAtMs = nowMs + PATIENCE_MS;
  }

  done(): void {
    this.#againAtMs = undefined;
  }
}
