import type { JoinTimes } from './api.ts';

/** Moments of the join, in milliseconds since it was called. */
export class JoinWatch {
  readonly times: Promise<JoinTimes>;
  readonly #startMs = performance.now();
  readonly #marks = new Map<string, number>();
  #done: (times: JoinTimes) => void = () => {};

  constructor() {
    this.times = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  mark(name: 'entered' | 'connected'): void {
    if (!this.#marks.has(name)) this.#marks.set(name, this.#now());
  }

  firstFrame(): void {
    const of = (name: string): number => this.#marks.get(name) ?? Number.NaN;
    this.#done({ enteredMs: of('entered'), connectedMs: of('connected'), firstFrameMs: this.#now() });
  }

  #now(): number {
    return performance.now() - this.#startMs;
  }
}
