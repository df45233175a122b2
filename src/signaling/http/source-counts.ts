import { shareOfOne, sourceOf } from './address-limit.ts';

/** Of something that is bounded in all: how many are of each address. Addresses with none are not kept. */
export class SourceCounts {
  readonly #counts = new Map<string, number>();

  /** Answers how it is taken off again. */
  add(address: string): () => void {
    const source = sourceOf(address);
    this.#change(source, 1);
    return () => this.#change(source, -1);
  }

  /** Whether one more from there were more than its share of `max`. */
  hasShare(address: string, max: number): boolean {
    return (this.#counts.get(sourceOf(address)) ?? 0) >= shareOfOne(max);
  }

  #change(source: string, by: number): void {
    const count = (this.#counts.get(source) ?? 0) + by;
    if (count === 0) this.#counts.delete(source);
    else this.#counts.set(source, count);
  }
}
