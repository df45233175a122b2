import type { Bytes } from '../../base/bytes.ts';

export interface OutboxLimits {
  readonly maxOutboxMessages: number;
  readonly maxOutboxBytes: number;
}

/** What a session was sent and has not acknowledged, numbered from 1 without gaps. No I/O: it hands out what to send. */
export class Outbox {
  readonly #limits: OutboxLimits;
  /** Messages `#acked + 1` to `lastSeq`. */
  #messages: Bytes[] = [];
  #acked = 0;
  #bytes = 0;

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  get lastSeq(): number {
    return this.#acked + this.#messages.length;
  }

  /** From 0, empty, to 1: no further message finds room in one of its limits. */
  get fill(): number {
    const { maxOutboxMessages, maxOutboxBytes } = this.#limits;
    return Math.max(this.#messages.length / maxOutboxMessages, this.#bytes / maxOutboxBytes);
  }

  /** Numbers, keeps and returns a message; `undefined` where that breaks a limit: the session has to end. */
  append(encode: (seq: number) => Bytes): Bytes | undefined {
    const message = encode(this.lastSeq + 1);
    const { maxOutboxMessages, maxOutboxBytes } = this.#limits;
    if (this.#messages.length >= maxOutboxMessages) return undefined;
    if (this.#bytes + message.length > maxOutboxBytes) return undefined;
    this.#messages.push(message);
    this.#bytes += message.length;
    return message;
  }

  /** Forgets all up to `seq`. False where `seq` was never sent; an old acknowledgement changes nothing. */
  acknowledge(seq: number): boolean {
    if (seq > this.lastSeq) return false;
    const forgotten = this.#messages.splice(0, Math.max(0, seq - this.#acked));
    this.#acked += forgotten.length;
    for (const message of forgotten) this.#bytes -= message.length;
    return true;
  }

  /** What follows `received`, in order; `undefined` where it is not a position that can be gone on from. */
  after(received: number): readonly Bytes[] | undefined {
    if (received < this.#acked || received > this.lastSeq) return undefined;
    return this.#messages.slice(received - this.#acked);
  }
}
