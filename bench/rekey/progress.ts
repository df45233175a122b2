import { performance } from 'node:perf_hooks';
import { named } from './deadline.ts';

/** What a case of so many members takes, in no unit: to build its tree and to enter all of them, and what none is without. */
export const workOf = (members: number): number => 30 + members ** 1.5 / 10;

export const sumOf = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);

/** Tells on stderr what was measured, and how long the rest may take. */
export class Progress {
  readonly #work: number;
  readonly #startMs = performance.now();
  #done = 0;

  constructor(work: number) {
    this.#work = work;
  }

  async of<T>(name: string, work: number, run: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const found = await named(name, run);
    const nowMs = performance.now();
    this.#done += work;
    const leftMs = ((nowMs - this.#startMs) * (this.#work - this.#done)) / this.#done;
    console.error(`${name}: ${seconds(nowMs - startMs)}, about ${seconds(leftMs)} left`);
    return found;
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
