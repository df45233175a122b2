import { joinKid } from '../../framing/kid.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { deriveFrameKey, type FrameKey } from '../sframe/frame.ts';
import type { Suite } from '../sframe/suites.ts';
import type { NumberedKey } from './base-key.ts';
import type { ContextHistory } from './context-history.ts';

/** Somebody whose frames this client opens: the key, the keys derived from it, and what was opened already. */
export class Sender {
  readonly base: NumberedKey;
  readonly history: ContextHistory;
  readonly #driver: SyncDriver;
  readonly #suite: Suite;
  /** Of live contexts only, as many as `ContextHistory` keeps: dropped together with them. */
  readonly #frameKeys = new Map<number, FrameKey>();

  constructor(driver: SyncDriver, suite: Suite, base: NumberedKey, history: ContextHistory) {
    this.#driver = driver;
    this.#suite = suite;
    this.base = base;
    this.history = history;
  }

  /** Derived once per live context. One of a frame not yet proved authentic is not kept: it would be anybody's to fill. */
  frameKey(context: number): FrameKey {
    const kid = () => joinKid({ context, number: this.base.number });
    return (
      this.#frameKeys.get(context) ?? deriveFrameKey(this.#driver, this.#suite, kid(), this.base.baseKey)
    );
  }

  /** A frame under `key` proved authentic. */
  opened(context: number, key: FrameKey, ctr: bigint): void {
    this.#frameKeys.set(context, key);
    const retired = this.history.add(context, ctr);
    if (retired !== undefined) this.#frameKeys.delete(retired);
  }
}
