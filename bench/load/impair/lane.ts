import type { Random } from '../../random.ts';
import { BurstLoss, type BurstModel } from './burst-loss.ts';

/** What one direction of a path does to packets. What is absent does nothing. */
export interface Impairment {
  readonly loss?: BurstModel;
  readonly delayMs?: number;
  /** Added to the delay: from nothing to this much, evenly. Packets keep their order all the same. */
  readonly jitterMs?: number;
  /** Packets that leave `byMs` later than they would have, past those behind them. */
  readonly reorder?: { readonly share: number; readonly byMs: number };
  readonly bottleneck?: {
    readonly rateBps: number;
    /** What waits there; a packet that no longer fits is dropped. */
    readonly queueBytes: number;
  };
}

/** What becomes of one packet. */
export type Fate =
  | { readonly kind: 'leaves'; readonly atMs: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'overflows' };

export interface LaneCounts {
  readonly packets: number;
  readonly lost: number;
  readonly overflowed: number;
  /** Dropped because nobody could hold them until they were to leave: the path is then another than was set. */
  readonly unheld: number;
}

const BITS_PER_BYTE = 8;
const MS_PER_S = 1_000;
const LOST: Fate = { kind: 'lost' };
const OVERFLOWS: Fate = { kind: 'overflows' };

/**
 * One direction of an impaired path, without sockets or clock: a packet's size and time go in, its fate comes out. The
 * same seed and packets give the same fates.
 */
export class Lane {
  readonly #impairment: Impairment;
  readonly #random: Random;
  readonly #loss: BurstLoss | undefined;
  #counts = { packets: 0, lost: 0, overflowed: 0, unheld: 0 };
  /** When the bottleneck has sent what it holds. */
  #freeMs = Number.NEGATIVE_INFINITY;
  #lastLeavesMs: number;

  /** `after`: when the last packet leaves that was on the way before; none of these passes it. */
  constructor(impairment: Impairment, random: Random, after = Number.NEGATIVE_INFINITY) {
    this.#lastLeavesMs = after;
    this.#impairment = impairment;
    this.#random = random;
    this.#loss = impairment.loss && new BurstLoss(impairment.loss, random);
  }

  get counts(): LaneCounts {
    return { ...this.#counts };
  }

  get lastLeavesMs(): number {
    return this.#lastLeavesMs;
  }

  /** A packet that was to leave could not be held until then. */
  unheld(): void {
    this.#counts.unheld += 1;
  }

  /** `nowMs` never falls from call to call. */
  fateOf(bytes: number, nowMs: number): Fate {
    this.#counts.packets += 1;
    if (this.#loss?.next()) {
      this.#counts.lost += 1;
      return LOST;
    }
    const sentMs = this.#throughBottleneck(bytes, nowMs);
    if (sentMs !== undefined) return { kind: 'leaves', atMs: this.#delayed(sentMs) };
    this.#counts.overflowed += 1;
    return OVERFLOWS;
  }

  #throughBottleneck(bytes: number, nowMs: number): number | undefined {
    const { bottleneck } = this.#impairment;
    if (bottleneck === undefined) return nowMs;
    const bytesPerMs = bottleneck.rateBps / BITS_PER_BYTE / MS_PER_S;
    const startMs = Math.max(nowMs, this.#freeMs);
    if ((startMs - nowMs) * bytesPerMs + bytes > bottleneck.queueBytes) return undefined;
    this.#freeMs = startMs + bytes / bytesPerMs;
    return this.#freeMs;
  }

  #delayed(sentMs: number): number {
    const { delayMs = 0, jitterMs = 0, reorder } = this.#impairment;
    const jitter = jitterMs === 0 ? 0 : this.#random.fraction() * jitterMs;
    const atMs = Math.max(this.#lastLeavesMs, sentMs + delayMs + jitter);
    // One that is late holds up nobody.
    if (reorder !== undefined && this.#random.fraction() < reorder.share) return atMs + reorder.byMs;
    this.#lastLeavesMs = atMs;
    return atMs;
  }
}
