interface Due<T> {
  readonly atMs: number;
  readonly item: T;
}

/** Items until they are due, the earliest first; of the same time, in the order in which they came. */
export class Held<T> {
  readonly #most: number;
  readonly #items: Due<T>[] = [];

  /** `most`: an item more is refused. */
  constructor(most: number) {
    this.#most = most;
  }

  get nextMs(): number | undefined {
    return this.#items[0]?.atMs;
  }

  /** `false` where there is no room. From behind: most items are due last. */
  add(atMs: number, item: T): boolean {
    if (this.#items.length >= this.#most) return false;
    let at = this.#items.length;
    while ((this.#items[at - 1]?.atMs ?? Number.NEGATIVE_INFINITY) > atMs) at -= 1;
    this.#items.splice(at, 0, { atMs, item });
    return true;
  }

  takeDue(nowMs: number): T[] {
    const end = this.#items.findIndex(({ atMs }) => atMs > nowMs);
    return this.#items.splice(0, end < 0 ? this.#items.length : end).map(({ item }) => item);
  }
}
