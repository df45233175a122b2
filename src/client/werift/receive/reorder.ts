import { unwrapSequence } from '../rtp/sequence.ts';

/** Packets that wait behind a gap: about 3 s of a layer. Beyond, the oldest gap is given up. */
const MAX_WAITING_PACKETS = 256;
/** A jump this far is another stream or a long outage: nobody could fill it, the count starts anew. */
const MAX_GAP_PACKETS = 1_000;
/** A gap is asked for again after this: above a usual round trip, else each loss would be answered twice. */
const ASK_AGAIN_MS = 60;

/**
 * How long a gap holds up what came behind it. Where lost packets can be asked for: several tries on both hops; a
 * picture that stands for longer is mended sooner by a key frame. Where not: what the relay takes to fill a gap of its
 * own from the sender, and what a conversation still bears.
 */
export const ASKED_GAP_MS = 800;
export const UNASKED_GAP_MS = 200;

export interface InOrder<T> {
  readonly item: T;
  /** Packets before this one were lost for good. */
  readonly afterGap: boolean;
}

interface Gap {
  readonly sinceMs: number;
  askedMs: number | undefined;
}

/** `repeated`: known already, or too late. */
export type Arrival = 'taken' | 'repeated';

/** Puts the packets of one stream back in order, and knows which are missing. Time goes in, nothing waits in here. */
export class ReorderBuffer<T> {
  readonly #waiting = new Map<number, T>();
  readonly #gaps = new Map<number, Gap>();
  #next: number | undefined;
  #highest = 0;
  #skipped = false;
  #lost = 0;
  readonly #giveUpAfterMs: number;

  constructor(giveUpAfterMs: number) {
    this.#giveUpAfterMs = giveUpAfterMs;
  }

  /** Packets given up so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Something is missing that is not given up: only then does time change what `take` and `toAsk` have. */
  get hasGaps(): boolean {
    return this.#gaps.size > 0;
  }

  push(sequence: number, item: T, nowMs: number): Arrival {
    const place = this.#next === undefined ? sequence : unwrapSequence(sequence, this.#highest);
    if (this.#next === undefined || Math.abs(place - this.#highest) > MAX_GAP_PACKETS) this.#restart(place);
    if (place < (this.#next ?? 0) || this.#waiting.has(place)) return 'repeated';
    for (let missing = this.#highest + 1; missing < place; missing++) {
      this.#gaps.set(missing, { sinceMs: nowMs, askedMs: undefined });
    }
    this.#gaps.delete(place);
    this.#highest = Math.max(this.#highest, place);
    this.#waiting.set(place, item);
    if (this.#waiting.size > MAX_WAITING_PACKETS) this.#forget((gap) => gap < this.#firstWaiting());
    return 'taken';
  }

  /** Everything that is in order by now. */
  take(): readonly InOrder<T>[] {
    const ready: InOrder<T>[] = [];
    for (let item = this.#takeNext(); item !== undefined; item = this.#takeNext()) {
      ready.push({ item, afterGap: this.#skipped });
      this.#skipped = false;
    }
    return ready;
  }

  /** 16-bit sequence numbers to ask for now, oldest first. */
  toAsk(nowMs: number): readonly number[] {
    const due = [...this.#gaps].filter(
      ([, { askedMs }]) => askedMs === undefined || nowMs - askedMs >= ASK_AGAIN_MS,
    );
    for (const [, gap] of due) gap.askedMs = nowMs;
    return due.map(([place]) => place & 0xffff);
  }

  /** Gives up gaps that are too old; `take` has more afterwards. */
  giveUp(nowMs: number): void {
    this.#forget((_, { sinceMs }) => nowMs - sinceMs >= this.#giveUpAfterMs);
  }

  #restart(place: number): void {
    this.#skipped = this.#next !== undefined;
    this.#forget(() => true);
    this.#waiting.clear();
    this.#next = place;
    this.#highest = place - 1;
  }

  #takeNext(): T | undefined {
    for (let place = this.#next; place !== undefined && place <= this.#highest; place++) {
      const item = this.#waiting.get(place);
      if (item === undefined && this.#gaps.has(place)) return undefined;
      this.#next = place + 1;
      if (item !== undefined) {
        this.#waiting.delete(place);
        return item;
      }
      this.#skipped = true;
    }
    return undefined;
  }

  #forget(isLost: (place: number, gap: Gap) => boolean): void {
    for (const [place, gap] of this.#gaps) {
      if (!isLost(place, gap)) continue;
      this.#gaps.delete(place);
      this.#lost++;
    }
  }

  #firstWaiting(): number {
    return Math.min(...this.#waiting.keys());
  }
}
