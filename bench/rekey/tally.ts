/** Who of many has come to an epoch. */
export class Tally {
  readonly #atMs = new Map<number, number[]>();
  readonly #waiting: { readonly epoch: number; readonly count: number; readonly done: () => void }[] = [];

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
    return new Promise((done) => {
      const one = { epoch, count, done };
      this.#waiting.push(one);
      this.#settle(one);
    });
  }

  #settle(one: { readonly epoch: number; readonly count: number; readonly done: () => void }): void {
    if (this.times(one.epoch).length < one.count) return;
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    one.done();
  }
}
