/** Repeatable randomness for benchmarks only: the same seed gives the same inputs and the same order (mulberry32). */
export interface Random {
  /** From 0 up to, but without, 1. */
  fraction(): number;
  /** An integer from 0 up to, but without, `bound`. */
  below(bound: number): number;
  bytes(size: number): Uint8Array<ArrayBuffer>;
  shuffled<T>(items: readonly T[]): T[];
}

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    fraction: next,
    below,
    bytes: (size) => Uint8Array.from({ length: size }, () => below(256)),
    shuffled(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const [a, b] = [out[i], out[j]];
        if (a !== undefined && b !== undefined) [out[i], out[j]] = [b, a];
      }
      return out;
    },
  };
};
