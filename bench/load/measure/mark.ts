import type { Bytes } from '../../../src/base/bytes.ts';

/**
 * What a sent frame says of itself, inside the seal and behind its own bytes: the relay can neither read nor change it.
 * Little is added to each frame, and the same to all: sound keeps its constant size.
 */
export interface Mark {
  /** Whose monotonic clock `dueMs` is of: times of two machines are never subtracted. */
  readonly clock: number;
  /** The visit that sent it. */
  readonly sender: number;
  /** Counts the frames of one source that left; layers of one picture share a number. */
  readonly sequence: number;
  /** When it was to leave. A sender that was late itself shows as delay, not as nothing. */
  readonly dueMs: number;
}

const MAGIC = 0x4c6f6164;
const MARK_BYTES = 24;

/** `frame` with `mark` behind it. */
export const marked = (frame: Bytes, { clock, sender, sequence, dueMs }: Mark): Bytes => {
  const out = new Uint8Array(frame.length + MARK_BYTES);
  out.set(frame);
  const view = new DataView(out.buffer, frame.length);
  view.setUint32(0, MAGIC);
  view.setUint32(4, clock);
  view.setUint32(8, sender);
  view.setUint32(12, sequence);
  view.setFloat64(16, dueMs);
  return out;
};

/** `undefined` for a frame that nobody marked: of a participant that is no load. */
export const markOf = (frame: Bytes): Mark | undefined => {
  if (frame.length < MARK_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset + frame.length - MARK_BYTES, MARK_BYTES);
  if (view.getUint32(0) !== MAGIC) return undefined;
  return {
    clock: view.getUint32(4),
    sender: view.getUint32(8),
    sequence: view.getUint32(12),
    dueMs: view.getFloat64(16),
  };
};
