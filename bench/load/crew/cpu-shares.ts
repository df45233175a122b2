/**
 * What each of the things that a thread does in turns cost it: while several are under way, its CPU time is theirs in equal parts. What
 * somebody waits for others, and for the kernel, costs nothing.
 */
export class CpuShares {
  readonly #cpuMs: () => number;
  #lastMs: number;
  #active = 0;
  /** What one that has always been there would have been charged. */
  #eachMs = 0;

  constructor(cpuMs: () => number) {
    this.#cpuMs = cpuMs;
    this.#lastMs = cpuMs();
  }

  async costOf<T>(work: () => Promise<T>): Promise<{ readonly made: T; readonly cpuMs: number }> {
    this.#charge(1);
    const beforeMs = this.#eachMs;
    const made = await work();
    this.#charge(-1);
    return { made, cpuMs: this.#eachMs - beforeMs };
  }

  #charge(more: 1 | -1): void {
    const nowMs = this.#cpuMs();
    if (this.#active > 0) this.#eachMs += (nowMs - this.#lastMs) / this.#active;
    this.#lastMs = nowMs;
    this.#active += more;
  }
}
