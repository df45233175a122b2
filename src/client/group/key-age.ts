import type { Clock } from '../../base/clock.ts';
import { KEYS_AGE_STEP_MS, KEYS_OLD_STEPS } from './limits.ts';

/**
 * Says once of an epoch that it lives for longer than the hour after which a relay has keys changed. Counted in steps of awake time: a
 * machine that slept wakes with one of them due, and hears of a newer epoch, or of the end of its session, before the next.
 */
export class KeyAge {
  readonly #onOld: () => void;
  readonly #stop: () => void;
  #steps = 0;
  /** Whoever is alone keeps its keys. */
  #isShared = false;

  constructor(clock: Clock, onOld: () => void) {
    this.#onOld = onOld;
    this.#stop = clock.every(KEYS_AGE_STEP_MS, () => this.#age());
  }

  moved(members: number): void {
    this.#steps = 0;
    this.#isShared = members > 1;
  }

  stop(): void {
    this.#stop();
  }

  #age(): void {
    this.#steps += 1;
    if (this.#isShared && this.#steps === KEYS_OLD_STEPS) this.#onOld();
  }
}
