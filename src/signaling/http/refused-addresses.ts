import type { Clock } from '../../base/clock.ts';
import type { Rate } from '../session/token-bucket.ts';
import { AddressLimit, sourceOf } from './address-limit.ts';

/**
 * Addresses from which too many were turned away at the door: each refusal makes the record longer, and guessing is slow by
 * them. Who is let in counts for nothing, so a whole ministry may come from one address.
 */
export class RefusedAddresses {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #limit: AddressLimit;
  readonly #periodMs: number;
  readonly #barredUntilMs = new Map<string, number>();

  constructor({ burst, perSecond }: Rate, clock: Pick<Clock, 'nowMs'>) {
    const seconds = Math.ceil(burst / perSecond);
    this.#clock = clock;
    this.#limit = new AddressLimit({ count: burst, seconds });
    this.#periodMs = seconds * 1_000;
  }

  isBarred(address: string): boolean {
    const untilMs = this.#barredUntilMs.get(sourceOf(address));
    return untilMs !== undefined && this.#clock.nowMs() < untilMs;
  }

  async count(address: string): Promise<void> {
    if (await this.#limit.admits(address)) return;
    const nowMs = this.#clock.nowMs();
    for (const [source, untilMs] of this.#barredUntilMs)
      if (untilMs <= nowMs) this.#barredUntilMs.delete(source);
    this.#barredUntilMs.set(sourceOf(address), nowMs + this.#periodMs);
  }
}
