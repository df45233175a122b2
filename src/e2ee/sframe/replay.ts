/**
 * Counters that stay acceptable below the highest one. Fewer would lose frames that the network reordered or
 * retransmitted late; more costs 1 bit each per sender and stream. 1,024 is 17 s of 60 frames a second.
 */
export const REPLAY_WINDOW = 1024;

const WORD_BITS = 32;
const WINDOW = BigInt(REPLAY_WINDOW);

/** Counters a window apart share a slot, and never both matter. */
const slotOf = (ctr: bigint): number => Number(ctr % WINDOW);
const wordOf = (slot: number): number => Math.floor(slot / WORD_BITS);
const maskOf = (slot: number): number => 1 << (slot % WORD_BITS);

/**
 * Which counters of one key were seen (RFC 9605 section 9.3): out of order is fine within the window; what came before,
 * or is older than the window, is not. Only what proved authentic may be added.
 */
export class ReplayWindow {
  #highest = -1n;
  /** One bit per slot. */
  readonly #seen = new Uint32Array(REPLAY_WINDOW / WORD_BITS);

  accepts(ctr: bigint): boolean {
    if (ctr > this.#highest) return true;
    if (this.#highest - ctr >= WINDOW) return false;
    const slot = slotOf(ctr);
    return ((this.#seen[wordOf(slot)] ?? 0) & maskOf(slot)) === 0;
  }

  /** Call only after `accepts` said yes. */
  add(ctr: bigint): void {
    if (ctr > this.#highest) this.#moveTo(ctr);
    const slot = slotOf(ctr);
    const word = wordOf(slot);
    this.#seen[word] = (this.#seen[word] ?? 0) | maskOf(slot);
  }

  /** The slots passed over still tell of counters a window ago: they are cleared, `ctr`'s own included. */
  #moveTo(ctr: bigint): void {
    const steps = ctr - this.#highest;
    if (steps >= WINDOW) this.#seen.fill(0);
    else this.#clear(slotOf(ctr), Number(steps));
    this.#highest = ctr;
  }

  /** `count` slots, backwards from `last`. */
  #clear(last: number, count: number): void {
    for (let back = 0; back < count; back++) {
      const slot = (last - back + REPLAY_WINDOW) % REPLAY_WINDOW;
      const word = wordOf(slot);
      this.#seen[word] = (this.#seen[word] ?? 0) & ~maskOf(slot);
    }
  }
}
