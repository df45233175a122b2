import type { StreamCounts } from './messages.ts';

/** What became of one stream's frames. */
export class Tally {
  readonly #stream: number;
  readonly #onRefused: (code: string) => void;
  /** Codes that came since the last report. */
  readonly #fresh = new Set<string>();
  readonly #known = new Set<string>();
  #passed = 0;
  #refused = 0;

  /** `onRefused` hears the first of each code at once, and the others at `report`. */
  constructor(stream: number, onRefused: (code: string) => void) {
    this.#stream = stream;
    this.#onRefused = onRefused;
  }

  passed(): void {
    this.#passed += 1;
  }

  refused(code: string): void {
    this.#refused += 1;
    if (this.#known.has(code)) {
      this.#fresh.add(code);
      return;
    }
    this.#known.add(code);
    this.#onRefused(code);
  }

  counts(): StreamCounts {
    return { stream: this.#stream, passed: this.#passed, refused: this.#refused };
  }

  /** Says each code that came since, once: a stream of refused frames must not become a stream of messages. */
  report(): void {
    for (const code of this.#fresh) this.#onRefused(code);
    this.#fresh.clear();
  }
}
