import type { Bytes } from '../../base/bytes.ts';
import { joinKid } from '../../framing/kid.ts';
import type { NumberedKey } from './base-key.ts';
import type { ContextHistory } from './context-history.ts';
import type { KeyedSender } from './senders.ts';

type Derive<Key> = (kid: bigint, baseKey: Bytes) => Key;

/** Somebody whose frames this client opens: the key, the keys derived from it, and what was opened already. */
export class Sender<Key> implements KeyedSender {
  readonly base: NumberedKey;
  readonly history: ContextHistory;
  readonly #derive: Derive<Key>;
  /** Of live contexts only, as many as `ContextHistory` keeps: dropped together with them. */
  readonly #frameKeys = new Map<number, Key>();

  constructor(derive: Derive<Key>, base: NumberedKey, history: ContextHistory) {
    this.#derive = derive;
    this.base = base;
    this.history = history;
  }

  /** Derived once per live context. One of a frame not yet proved authentic is not kept: it would be anybody's to fill. */
  frameKey(context: number): Key {
    const kid = () => joinKid({ context, number: this.base.number });
    return this.#frameKeys.get(context) ?? this.#derive(kid(), this.base.baseKey);
  }

  /** A frame under `key` proved authentic. */
  opened(context: number, key: Key, ctr: bigint): void {
    this.#frameKeys.set(context, key);
    const retired = this.history.add(context, ctr);
    if (retired !== undefined) this.#frameKeys.delete(retired);
  }
}
