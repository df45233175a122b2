import type { Bytes } from '../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';

/** KID and CTR are unsigned integers of 64 bits (RFC 9605 section 4.3). */
export const MAX_UINT64 = 2n ** 64n - 1n;

export interface SFrameHeader {
  readonly kid: bigint;
  readonly ctr: bigint;
  /** Bytes of the header itself: the ciphertext follows. */
  readonly length: number;
}

export type HeaderRefusal = Refusal<'sframe.header-truncated' | 'sframe.header-not-minimal'>;

/** Config byte `X KKK Y CCC` (RFC 9605 section 4.3): one nibble tells of the KID, one of the CTR. */
const KID_SHIFT = 4;
/** Set where bytes follow; also the first value that does not fit the nibble. */
const EXTENDED = 0b1000;
const FIELD = 0b0111;
const CONFIG_BYTES = 1;
const HALF_BYTES = 4;
const HALF_BITS = 32n;
const LOW_HALF = 0xffff_ffffn;
const HALF_END = 2 ** 32;

/** How many bytes after the config byte hold the value that `nibble` tells of. */
const extendedBytes = (nibble: number): number => ((nibble & EXTENDED) === 0 ? 0 : (nibble & FIELD) + 1);

/** The 32-bit halves, since arithmetic on bigint is slow. `length`: 1 to 8. The bytes must be there. */
const readUint = (bytes: Bytes, at: number, length: number): bigint => {
  let high = 0;
  let low = 0;
  for (let i = at; i < at + length; i++) {
    high = ((high << 8) | (low >>> 24)) >>> 0;
    low = ((low << 8) | (bytes[i] ?? 0)) >>> 0;
  }
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
};

const fieldValue = (nibble: number, bytes: Bytes, at: number): bigint => {
  const length = extendedBytes(nibble);
  return length === 0 ? BigInt(nibble) : readUint(bytes, at, length);
};

/** One value has one encoding: a leading zero byte, or a byte where the nibble would do, is another writer's. */
const isMinimal = (nibble: number, bytes: Bytes, at: number): boolean => {
  const length = extendedBytes(nibble);
  if (length === 0) return true;
  const first = bytes[at] ?? 0;
  return length === 1 ? first >= EXTENDED : first !== 0;
};

const truncated = refuse('sframe.header-truncated', 'the bytes end before the SFrame header does');
const notMinimal = refuse('sframe.header-not-minimal', 'the SFrame header is not in its shortest form');

/** Reads the SFrame header that begins at `at` (RFC 9605 section 4.3). */
export const parseHeader = (bytes: Bytes, at = 0): Result<SFrameHeader, HeaderRefusal> => {
  const config = bytes[at];
  if (config === undefined) return truncated;
  const kidNibble = config >> KID_SHIFT;
  const ctrNibble = config & (EXTENDED | FIELD);
  const kidAt = at + CONFIG_BYTES;
  const ctrAt = kidAt + extendedBytes(kidNibble);
  const end = ctrAt + extendedBytes(ctrNibble);
  if (end > bytes.length) return truncated;
  if (!isMinimal(kidNibble, bytes, kidAt) || !isMinimal(ctrNibble, bytes, ctrAt)) return notMinimal;
  return ok({
    kid: fieldValue(kidNibble, bytes, kidAt),
    ctr: fieldValue(ctrNibble, bytes, ctrAt),
    length: end - at,
  });
};

/**
 * A 64-bit value as two halves. Sealing encodes a header for every frame, and arithmetic on bigint, like a DataView or a
 * subarray of a small fresh array, costs up to a tenth of a frame's cipher each.
 */
interface Halves {
  readonly high: number;
  readonly low: number;
}
const halvesOf = (value: bigint): Halves => {
  const small = Number(value);
  if (small < HALF_END) return { high: 0, low: small };
  return { high: Number(value >> HALF_BITS), low: Number(value & LOW_HALF) };
};

const byteLength = (half: number): number => (32 - Math.clz32(half) + 7) >> 3;

/** Bytes after the config byte that `halves` take: none where the nibble holds the value. */
const fieldLength = ({ high, low }: Halves): number => {
  if (high !== 0) return HALF_BYTES + byteLength(high);
  return low < EXTENDED ? 0 : byteLength(low);
};

/** The lowest `length` bytes, big-endian, at `at`. */
const writeField = (out: Bytes, at: number, { high, low }: Halves, length: number): void => {
  for (let i = 0; i < length; i++) {
    const half = i < HALF_BYTES ? low : high;
    out[at + length - 1 - i] = half >>> (8 * (i % HALF_BYTES));
  }
};

const nibbleOf = ({ low }: Halves, length: number): number => (length === 0 ? low : EXTENDED | (length - 1));

/** A header that is still to be written, where its frame is put together. */
export interface HeaderShape {
  readonly kid: Halves;
  readonly ctr: Halves;
  readonly kidLength: number;
  readonly ctrLength: number;
  /** In bytes, all of it. */
  readonly length: number;
}

/** The shortest header for `kid` and `ctr`, both 0 to `MAX_UINT64` (RFC 9605 section 4.3). */
export const shapeHeader = (kid: bigint, ctr: bigint): HeaderShape => {
  const kidHalves = halvesOf(kid);
  const ctrHalves = halvesOf(ctr);
  const kidLength = fieldLength(kidHalves);
  const ctrLength = fieldLength(ctrHalves);
  return {
    kid: kidHalves,
    ctr: ctrHalves,
    kidLength,
    ctrLength,
    length: CONFIG_BYTES + kidLength + ctrLength,
  };
};

/** Writes `length` bytes at `at`. */
export const writeHeader = (
  { kid, ctr, kidLength, ctrLength }: HeaderShape,
  out: Bytes,
  at: number,
): void => {
  out[at] = (nibbleOf(kid, kidLength) << KID_SHIFT) | nibbleOf(ctr, ctrLength);
  writeField(out, at + CONFIG_BYTES, kid, kidLength);
  writeField(out, at + CONFIG_BYTES + kidLength, ctr, ctrLength);
};

/** `shapeHeader` and `writeHeader` at once. */
export const encodeHeader = (kid: bigint, ctr: bigint): Uint8Array<ArrayBuffer> => {
  const shape = shapeHeader(kid, ctr);
  const header = new Uint8Array(shape.length);
  writeHeader(shape, header, 0);
  return header;
};
