/** Things by number, a bounded count of them: the oldest makes way. */
export class Shelf<Thing> {
  readonly #most: number;
  readonly #things = new Map<number, Thing>();
  #last = 0;

  constructor(most: number) {
    this.#most = most;
  }

  put(thing: Thing): number {
    this.#last += 1;
    this.#things.set(this.#last, thing);
    this.#things.delete(this.#last - this.#most);
    return this.#last;
  }

  get(number: number): Thing | undefined {
    return this.#things.get(number);
  }
}
