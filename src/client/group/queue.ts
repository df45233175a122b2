/** Work in one order, a bounded amount of it, that nothing can stop: what throws is told, and the next begins. */
export class Queue {
  readonly #limit: number;
  readonly #onFault: (error: unknown) => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** `onFault` must not reject. */
  constructor(limit: number, onFault: (error: unknown) => Promise<void>) {
    this.#limit = limit;
    this.#onFault = onFault;
  }

  get isEmpty(): boolean {
    return this.#waiting === 0;
  }

  /** `false` where it is full: nothing is done then. */
  add(work: () => Promise<void>): boolean {
    if (this.#waiting >= this.#limit) return false;
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#run(work));
    return true;
  }

  async #run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#onFault(error);
    } finally {
      this.#waiting -= 1;
    }
  }
}
