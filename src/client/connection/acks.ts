import type { Clock } from '../../base/clock.ts';
import { ACK_AFTER_MESSAGES, ACK_AFTER_MS } from '../../signaling/protocol/limits.ts';

/** Decides when an acknowledgement leaves by itself; every request carries one too. */
export class AckTimer {
  readonly #clock: Clock;
  readonly #send: () => void;
  #unacked = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, send: () => void) {
    this.#clock = clock;
    this.#send = send;
  }

  onReceived(): void {
    this.#unacked += 1;
    if (this.#unacked >= ACK_AFTER_MESSAGES) this.#flush();
    else this.#cancel ??= this.#clock.after(ACK_AFTER_MS, () => this.#flush());
  }

  /** What was received has been acknowledged by other means, or no longer matters. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#unacked = 0;
  }

  #flush(): void {
    this.clear();
    this.#send();
  }
}
