import type { Clock } from '../../src/base/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly periodMs: number | undefined;
  readonly run: () => void;
}

/** A clock that moves only when told: `advance` runs what falls due, in order of due time. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #nextId = 0;
  readonly #timers = new Map<number, Timer>();
  readonly #unixOriginMs: number;

  constructor(unixOriginMs = 1_700_000_000_000) {
    this.#unixOriginMs = unixOriginMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  unixMs(): number {
    return this.#unixOriginMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#schedule(delayMs, undefined, run);
  }

  every(periodMs: number, run: () => void): () => void {
    return this.#schedule(periodMs, periodMs, run);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      const [id, timer] = next;
      this.#nowMs = timer.dueMs;
      if (timer.periodMs === undefined) this.#timers.delete(id);
      else this.#timers.set(id, { ...timer, dueMs: timer.dueMs + timer.periodMs });
      timer.run();
    }
    this.#nowMs = endMs;
  }

  #schedule(delayMs: number, periodMs: number | undefined, run: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { dueMs: this.#nowMs + delayMs, periodMs, run });
    return () => this.#timers.delete(id);
  }

  #nextDue(endMs: number): [number, Timer] | undefined {
    let best: [number, Timer] | undefined;
    for (const entry of this.#timers) {
      if (entry[1].dueMs <= endMs && (best === undefined || entry[1].dueMs < best[1].dueMs)) best = entry;
    }
    return best;
  }
}
