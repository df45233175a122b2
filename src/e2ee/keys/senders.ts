import { ok, type Result, refuse } from '../../base/result.ts';
import type { NumberedKey } from './base-key.ts';
import { ContextHistory } from './context-history.ts';

/** Twice the largest roster of the protocol, so that it never meets a meeting and still ends a flood of joins. */
const MAX_SENDERS = 4096;

/**
 * Histories of removed senders: small (0.3 KB per context) and without keys. Beyond it the one removed longest ago is
 * forgotten, and only then could its old frames be shown again: to get there a relay needs 4,096 other joins that are
 * authentic, and then the announcement of the first one once more.
 */
const MAX_REMOVED_HISTORIES = 4096;

const historyId = ({ number, fingerprint }: NumberedKey): string => `${number}:${fingerprint}`;

/** What is kept of a sender at least: the key, and what was opened under it. */
export interface KeyedSender {
  readonly base: NumberedKey;
  readonly history: ContextHistory;
}

export class Senders<Sender extends KeyedSender> {
  readonly #make: (key: NumberedKey, history: ContextHistory) => Sender;
  readonly #present = new Map<number, Sender>();
  /** The one removed longest ago comes first. */
  readonly #removed = new Map<string, ContextHistory>();

  constructor(make: (key: NumberedKey, history: ContextHistory) => Sender) {
    this.#make = make;
  }

  get(number: number): Sender | undefined {
    return this.#present.get(number);
  }

  add(key: NumberedKey): Result<undefined> {
    const present = this.#present.get(key.number);
    if (present?.base.fingerprint === key.fingerprint) return ok(undefined);
    if (present === undefined && this.#present.size >= MAX_SENDERS) {
      return refuse('keys.too-many-senders', `more than ${MAX_SENDERS} senders at once`);
    }
    this.remove(key.number);
    this.#present.set(key.number, this.#make(key, this.#takeHistory(key)));
    return ok(undefined);
  }

  remove(number: number): void {
    const sender = this.#present.get(number);
    if (sender === undefined) return;
    this.#present.delete(number);
    this.#removed.set(historyId(sender.base), sender.history);
    if (this.#removed.size > MAX_REMOVED_HISTORIES) this.#forgetOldest();
  }

  #takeHistory(key: NumberedKey): ContextHistory {
    const id = historyId(key);
    const history = this.#removed.get(id) ?? new ContextHistory();
    this.#removed.delete(id);
    return history;
  }

  #forgetOldest(): void {
    const [oldest] = this.#removed.keys();
    if (oldest !== undefined) this.#removed.delete(oldest);
  }
}
