import type { HallKey } from '../../e2ee/mls/port.ts';

/** The hall keys in force, as the group handed them over. */
export class Keyring {
  #keys: readonly HallKey[] = [];

  get newest(): HallKey | undefined {
    return this.#keys.at(-1);
  }

  take(keys: readonly HallKey[]): void {
    this.wipe();
    this.#keys = keys;
  }

  of(epoch: number): HallKey | undefined {
    return this.#keys.find((key) => Number(key.epoch) === epoch);
  }

  /** How many came after it; `undefined` for one that is in force no longer. */
  ageOf(epoch: number): number | undefined {
    const at = this.#keys.findIndex((key) => Number(key.epoch) === epoch);
    return at < 0 ? undefined : this.#keys.length - 1 - at;
  }

  wipe(): void {
    for (const { key } of this.#keys) key.fill(0);
    this.#keys = [];
  }
}
