/** After a stall a source sends at most this many overdue frames at once: more would burst, fewer would stutter. */
const MAX_CATCH_UP_FRAMES = 5;

/**
 * When frames are due: frame `n` at origin + n frame times, computed from n so that nothing drifts. Frames beyond the
 * catch-up bound are skipped: media time goes on, they are never sent.
 */
export class Schedule {
  readonly #originMs: number;
  readonly #frameMs: number;
  #next = 0;

  constructor(originMs: number, frameMs: number) {
    this.#originMs = originMs;
    this.#frameMs = frameMs;
  }

  get dueMs(): number {
    return this.dueMsOf(this.#next);
  }

  dueMsOf(frame: number): number {
    return this.#originMs + frame * this.#frameMs;
  }

  /** The numbers of the frames to send now. */
  take(nowMs: number): readonly number[] {
    const end = Math.floor((nowMs - this.#originMs) / this.#frameMs + 1e-6) + 1;
    const start = Math.max(this.#next, end - MAX_CATCH_UP_FRAMES);
    if (end <= start) return [];
    this.#next = end;
    return Array.from({ length: end - start }, (_, i) => start + i);
  }

  /** Leaves out everything that fell due before now: after a pause. */
  skipTo(nowMs: number): void {
    this.#next = Math.max(this.#next, Math.ceil((nowMs - this.#originMs) / this.#frameMs));
  }
}
