import type { Clock } from '../../../base/clock.ts';

/** Something that wants to run at a time of its own, again and again. */
export interface Job {
  readonly dueMs: number;
  run(nowMs: number): void;
}

/** Runs every source's frames on one timer, set for whichever is due first. */
export class Pacer {
  readonly #clock: Clock;
  readonly #jobs = new Set<Job>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(job: Job): void {
    this.#jobs.add(job);
    this.#rearm();
  }

  remove(job: Job): void {
    this.#jobs.delete(job);
    this.#rearm();
  }

  clear(): void {
    this.#jobs.clear();
    this.#rearm();
  }

  #rearm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#jobs.size === 0) return;
    const dueMs = Math.min(...[...this.#jobs].map((job) => job.dueMs));
    this.#cancel = this.#clock.after(Math.max(0, dueMs - this.#clock.nowMs()), () => this.#run());
  }

  #run(): void {
    const nowMs = this.#clock.nowMs();
    for (const job of [...this.#jobs]) if (job.dueMs <= nowMs) job.run(nowMs);
    this.#rearm();
  }
}
