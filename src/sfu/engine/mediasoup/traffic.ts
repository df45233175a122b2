/** What something has carried since it was made. */
export interface Reading {
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bitsIn: number;
  readonly bitsOut: number;
}

export const NOTHING: Reading = { packetsIn: 0, packetsOut: 0, bitsIn: 0, bitsOut: 0 };

/** Asks for a reading; rejects where the thing is gone. */
export type ReadSource = () => Promise<Reading>;

/**
 * Sums readings of many things, some of which end, into totals that never go down. Each is read in its turn, and one
 * last time when it ends, so the totals lag by at most one turn of all of them.
 */
export class Traffic {
  readonly #latest = new Map<ReadSource, Reading>();
  #total = NOTHING;
  #pending = 0;

  get total(): Reading {
    return this.#total;
  }

  add(source: ReadSource): void {
    this.#latest.set(source, NOTHING);
  }

  /** To be called before the thing itself is closed: requests and closings reach a worker in order. */
  remove(source: ReadSource): void {
    const before = this.#latest.get(source);
    this.#latest.delete(source);
    if (before) this.#ask(source, (now) => this.#count(before, now));
  }

  /** Reads the next `limit` sources, those read longest ago first. Does nothing while earlier readings are out. */
  sample(limit: number): void {
    if (this.#pending > 0) return;
    for (const source of [...this.#latest.keys()].slice(0, limit)) {
      this.#moveToEnd(source);
      this.#ask(source, (now) => this.#update(source, now));
    }
  }

  #moveToEnd(source: ReadSource): void {
    const reading = this.#latest.get(source) ?? NOTHING;
    this.#latest.delete(source);
    this.#latest.set(source, reading);
  }

  #ask(source: ReadSource, use: (now: Reading) => void): void {
    this.#pending += 1;
    const done = () => {
      this.#pending -= 1;
    };
    // A thing that is gone has nothing to tell; what it carried since its last reading is not counted.
    source()
      .then(use, () => undefined)
      .then(done);
  }

  #update(source: ReadSource, now: Reading): void {
    const before = this.#latest.get(source);
    if (!before) return;
    this.#latest.set(source, now);
    this.#count(before, now);
  }

  #count(before: Reading, now: Reading): void {
    const grown = (key: keyof Reading) => this.#total[key] + Math.max(0, now[key] - before[key]);
    this.#total = {
      packetsIn: grown('packetsIn'),
      packetsOut: grown('packetsOut'),
      bitsIn: grown('bitsIn'),
      bitsOut: grown('bitsOut'),
    };
  }
}
