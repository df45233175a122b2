/** From when a stream was offered to its first packet: a slow start is told by other figures, one that never comes by none. */
const STARTS_WITHIN_MS = 5_000;
/** Looks are a second apart. After a stall they are not, and nobody knows what waits unread. */
const LEAST_APART_MS = 500;
const MOST_APART_MS = 1_500;

export interface Look {
  readonly nowMs: number;
  /** All that came so far. */
  readonly packets: number;
  /** Whether it was to flow ever since the look before. */
  readonly isToFlow: boolean;
}

/** Whether a stream flowed while it was to: one look a second at a number that grows. */
export class Flow {
  readonly #offeredMs: number;
  #last: Look | undefined;
  #looks = 0;
  #stopped = 0;

  constructor(offeredMs: number) {
    this.#offeredMs = offeredMs;
  }

  look(look: Look): void {
    const last = this.#last;
    const apartMs = last === undefined ? MOST_APART_MS : look.nowMs - last.nowMs;
    if (apartMs < LEAST_APART_MS) return;
    this.#last = look;
    if (last === undefined || apartMs > MOST_APART_MS || !look.isToFlow || !this.#hasBegunBy(last)) return;
    this.#looks += 1;
    if (look.packets === last.packets) this.#stopped += 1;
  }

  /** Looks at a stream that was to flow. */
  get looks(): number {
    return this.#looks;
  }

  /** Of these, those to which nothing had come since the one before. */
  get stopped(): number {
    return this.#stopped;
  }

  #hasBegunBy({ packets, nowMs }: Look): boolean {
    return packets > 0 || nowMs - this.#offeredMs >= STARTS_WITHIN_MS;
  }
}
