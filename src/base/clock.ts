/** Time as the parts outside the pure cores take it; `app` hands in the real one, tests a driven one. */
export interface Clock {
  /** Monotonic milliseconds; the origin means nothing. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch, for records and tokens only. */
  unixMs(): number;
  /** Calls `run` once, `delayMs` from now, unless the returned function is called before. */
  after(delayMs: number, run: () => void): () => void;
  /** Calls `run` each `periodMs` until the returned function is called. */
  every(periodMs: number, run: () => void): () => void;
}

/** Randomness as an argument: `size` fresh random bytes from the platform's secure source. */
export type RandomBytes = (size: number) => Uint8Array<ArrayBuffer>;
