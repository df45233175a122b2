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
    const [oldest] = this.#things.keys();
    if (oldest !== undefined && this.#things.size > this.#most) this.#things.delete(oldest);
    return this.#last;
  }

  get(number: number): Thing | undefined {
    return this.#things.get(number);
  }

  /** Off the shelf, though what was put later keeps its number. */
  take(number: number): Thing | undefined {
    const thing = this.#things.get(number);
    this.#things.delete(number);
    return thing;
  }
}
