import { within } from './deadline.ts';

interface Waiting {
  readonly epoch: number;
  readonly count: number;
  readonly done: () => void;
}

/** Who of many has come to an epoch. */
export class Tally {
  readonly #what: string;
  readonly #atMs = new Map<number, number[]>();
  readonly #waiting: Waiting[] = [];

  /** `what`: for whoever waits in vain. */
  constructor(what: string) {
    this.#what = what;
  }

  add(epoch: number, atMs: number): void {
    const all = this.#atMs.get(epoch) ?? [];
    all.push(atMs);
    this.#atMs.set(epoch, all);
    for (const one of [...this.#waiting]) this.#settle(one);
  }

  times(epoch: number): readonly number[] {
    return this.#atMs.get(epoch) ?? [];
  }

  reached(epoch: number, count: number): Promise<void> {
    const reaching = new Promise<void>((done) => {
      const one = { epoch, count, done };
      this.#waiting.push(one);
      this.#settle(one);
    });
    const missing = () =>
      `${this.#what} in epoch ${epoch}, of which ${this.times(epoch).length} of ${count} came`;
    return within(missing, reaching);
  }

  #settle(one: Waiting): void {
    if (this.times(one.epoch).length < one.count) return;
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    one.done();
  }
}
