import { shareOfOne, sourceOf } from './address-limit.ts';

interface Pending {
  readonly source: string;
  readonly end: () => void;
  /** Under way on it. */
  requests: number;
}

/**
 * TCP connections that are no websocket: before their first request, at one, or kept for the next. Whoever comes when there are too
 * many is let in, and the one that has been quiet for longest goes, of the address that has the most: who only holds
 * connections keeps nobody out.
 */
export class PendingConnections {
  readonly #max: number;
  /** Who has been quiet for longest comes first. */
  readonly #all = new Map<string, Pending>();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#all.size;
  }

  opened(key: string, address: string, end: () => void): void {
    const source = sourceOf(address);
    this.#all.set(key, { source, end, requests: 0 });
    const counts = this.#counts();
    if ((counts.get(source) ?? 0) > shareOfOne(this.#max)) this.#endOneOf(source);
    else if (this.#all.size > this.#max) this.#endOneOf(mostOf(counts));
  }

  asked(key: string): void {
    const pending = this.#all.get(key);
    if (pending !== undefined) pending.requests += 1;
  }

  answered(key: string): void {
    const pending = this.#all.get(key);
    if (pending === undefined) return;
    pending.requests -= 1;
    this.#all.delete(key);
    this.#all.set(key, pending);
  }

  /** Closed, or a websocket from now on. */
  gone(key: string): void {
    this.#all.delete(key);
  }

  #counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { source } of this.#all.values()) counts.set(source, (counts.get(source) ?? 0) + 1);
    return counts;
  }

  /** Of another where all of this one are at a request; the newcomer itself where everybody's are. */
  #endOneOf(source: string): void {
    const quiet = [...this.#all].filter(([, { requests }]) => requests === 0);
    const found = quiet.find(([, one]) => one.source === source) ?? quiet[0];
    if (found === undefined) return;
    const [key, { end }] = found;
    this.#all.delete(key);
    end();
  }
}

const mostOf = (counts: ReadonlyMap<string, number>): string =>
  [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0])[0];
