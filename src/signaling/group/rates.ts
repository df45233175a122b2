import { type Bucket, fullBucket, type Rate, take } from '../session/token-bucket.ts';
import { CARD_RATE, ENTER_RATE, FETCH_RATE, HEARTBEAT_RATE, READY_RATE, TITLE_RATE } from './limits.ts';

const RATES = {
  enter: ENTER_RATE,
  ready: READY_RATE,
  heartbeat: HEARTBEAT_RATE,
  card: CARD_RATE,
  title: TITLE_RATE,
  fetch: FETCH_RATE,
} as const;
export type RatedKind = keyof typeof RATES;

export const isRated = (kind: string): kind is RatedKind => Object.hasOwn(RATES, kind);

/** What one participant may do so often. */
export class Rates {
  readonly #buckets: Record<RatedKind, Bucket>;

  constructor(nowMs: number) {
    const full = (rate: Rate) => fullBucket(rate, nowMs);
    this.#buckets = {
      enter: full(RATES.enter),
      ready: full(RATES.ready),
      heartbeat: full(RATES.heartbeat),
      card: full(RATES.card),
      title: full(RATES.title),
      fetch: full(RATES.fetch),
    };
  }

  admits(kind: RatedKind, cost: number, nowMs: number): boolean {
    const left = take(this.#buckets[kind], RATES[kind], cost, nowMs);
    if (left !== undefined) this.#buckets[kind] = left;
    return left !== undefined;
  }
}
