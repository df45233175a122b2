/** The freeze of W3C webrtc-stats (freezeCount): a picture that stands for three frame times, or for 150 ms more than one. */
const FRAME_TIMES = 3;
const LONGER_MS = 150;

/** A time in which a picture stood still, since its last frame. */
export interface Freeze {
  readonly fromMs: number;
  readonly ms: number;
}

/** From frames of one picture to the times at which it stood still. */
export class Freezes {
  readonly #limitMs: number;
  #firstMs: number | undefined;
  #lastMs = 0;
  readonly #all: Freeze[] = [];
  #frozenMs = 0;

  constructor(frameMs: number) {
    this.#limitMs = Math.max(FRAME_TIMES * frameMs, frameMs + LONGER_MS);
  }

  frame(atMs: number): void {
    const [gapMs, fromMs] = this.#firstMs === undefined ? [0, atMs] : [atMs - this.#lastMs, this.#lastMs];
    this.#firstMs ??= atMs;
    this.#lastMs = Math.max(this.#lastMs, atMs);
    if (gapMs < this.#limitMs) return;
    this.#all.push({ fromMs, ms: gapMs });
    this.#frozenMs += gapMs;
  }

  /** The picture should have gone on until then: one that stood since its last frame is frozen. */
  end(atMs: number): void {
    if (this.#firstMs !== undefined) this.frame(atMs);
  }

  get count(): number {
    return this.#all.length;
  }

  get all(): readonly Freeze[] {
    return this.#all;
  }

  get frozenMs(): number {
    return this.#frozenMs;
  }

  /** With what has been frozen until then, should the picture have gone on. */
  frozenMsUntil(nowMs: number): number {
    const gapMs = this.#firstMs === undefined ? 0 : nowMs - this.#lastMs;
    return this.#frozenMs + (gapMs < this.#limitMs ? 0 : gapMs);
  }

  /** From the first frame to the last, or to the end. */
  get watchedMs(): number {
    return this.#firstMs === undefined ? 0 : this.#lastMs - this.#firstMs;
  }
}
