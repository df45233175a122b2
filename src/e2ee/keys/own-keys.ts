import { ok, type Result, refuse } from '../../base/result.ts';
import { MAX_CONTEXT } from '../../framing/kid.ts';
import type { NumberedKey } from './base-key.ts';

/**
 * Fingerprints of own keys are kept for good: a key that comes back would start its counters again. At a new key every
 * minute this lasts 45 days, in 8 MB; after that the store takes no further key, and a new store must be made.
 */
export const MAX_OWN_KEYS = 65_536;

/** The keys that this client seals under, one at a time, and the context numbers it gives out. */
export class OwnKeys {
  #current: NumberedKey | undefined;
  readonly #used = new Set<string>();
  #isBetween = false;
  #nextContext = 0;

  get current(): NumberedKey | undefined {
    return this.#current;
  }

  /** There was a key, which is gone, and the next one is to come. */
  get isBetween(): boolean {
    return this.#isBetween;
  }

  use(key: NumberedKey): Result<undefined> {
    if (this.#used.has(key.fingerprint)) return refuse('keys.used-before', 'this key was in use before');
    if (this.#used.size >= MAX_OWN_KEYS) {
      return refuse('keys.too-many', 'this store has had as many keys as it can remember', 'join anew');
    }
    this.#used.add(key.fingerprint);
    this.#current = key;
    this.#isBetween = false;
    return ok(undefined);
  }

  /** Nothing is sealed under this key any more, whichever number it has. */
  drop(fingerprint: string): void {
    if (this.#current?.fingerprint === fingerprint) this.rest();
  }

  /** Nothing is sealed until there is another key. */
  rest(): void {
    this.#isBetween ||= this.#current !== undefined;
    this.#current = undefined;
  }

  /** Numbers only rise, under whichever key: none comes twice. */
  takeContext(): Result<number> {
    if (this.#nextContext > MAX_CONTEXT) return refuse('keys.no-context', 'every context number was used');
    return ok(this.#nextContext++);
  }
}
