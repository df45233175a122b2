import type { Bytes } from '../../base/bytes.ts';

/**
 * Memory is taken in pieces of this size and cut into frames. Smaller ones cost a fifth of sealing at 30 KB, most of it
 * the collector's work; larger ones gain nothing. A frame that somebody keeps, keeps its whole piece.
 */
const SLAB_BYTES = 256 * 1024;
/** What is larger has memory of its own, so that at most a quarter of a piece stays unused. */
const MAX_CUT_BYTES = SLAB_BYTES / 4;

type Allocate = (size: number) => Bytes;

/** Allocates as `allocate` does, by cutting. Nothing is handed out twice; frames share an ArrayBuffer with others. */
export const cutFromSlabs = (allocate: Allocate): Allocate => {
  let slab: Bytes = new Uint8Array(0);
  let used = 0;
  return (size) => {
    if (size > MAX_CUT_BYTES) return allocate(size);
    if (used + size > slab.length) {
      slab = allocate(SLAB_BYTES);
      used = 0;
    }
    used += size;
    return slab.subarray(used - size, used);
  };
};
