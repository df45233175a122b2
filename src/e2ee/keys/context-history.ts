import { ReplayWindow } from '../sframe/replay.ts';

/**
 * Contexts of one sender whose frames are told apart one by one. A sender has 8 at most at a time (3 camera and 3
 * screen layers, 2 sounds), so that 64 outlive eight re-productions of everything; each costs a receiver about 300 B.
 */
export const MAX_LIVE_CONTEXTS = 64;

/**
 * What was opened of one sender's key, in bounded memory and without ever forgetting into acceptance. Beyond
 * `MAX_LIVE_CONTEXTS` the context that was silent for longest is retired: nothing of it opens again. Retired contexts
 * are remembered as counters are, in a window of 1,024 numbers below the highest one; what is older than that and not
 * live is refused too, whether it was seen or not. Honest senders number contexts upwards, so a refused one is long over.
 */
export class ContextHistory {
  /** The one that was silent for longest comes first. */
  readonly #live = new Map<number, ReplayWindow>();
  readonly #retired = new ReplayWindow();

  accepts(context: number, ctr: bigint): boolean {
    const window = this.#live.get(context);
    return window === undefined ? this.#retired.accepts(BigInt(context)) : window.accepts(ctr);
  }

  /** Call only for frames that proved authentic, after `accepts` said yes. Returns the context retired for it, if any. */
  add(context: number, ctr: bigint): number | undefined {
    const window = this.#live.get(context) ?? new ReplayWindow();
    window.add(ctr);
    this.#live.delete(context);
    this.#live.set(context, window);
    return this.#live.size > MAX_LIVE_CONTEXTS ? this.#retireOldest() : undefined;
  }

  #retireOldest(): number | undefined {
    const [oldest] = this.#live.keys();
    if (oldest === undefined) return undefined;
    this.#live.delete(oldest);
    if (this.#retired.accepts(BigInt(oldest))) this.#retired.add(BigInt(oldest));
    return oldest;
  }
}
