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
const EXTENDED = 0b1000;
const FIELD = 0b0111;
/** Values below this are kept inside the nibble. */
const FIRST_EXTENDED_VALUE = 8n;
const CONFIG_BYTES = 1;
const FIELD_BYTES = 8;
/** The config byte and two fields of 8 bytes. */
export const MAX_HEADER_BYTES = CONFIG_BYTES + 2 * FIELD_BYTES;

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
  return length === 1 ? first >= FIRST_EXTENDED_VALUE : first !== 0;
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

/** Writes `value` big-endian at `at`, without leading zeros; nothing where the nibble holds it. Returns the bytes used. */
const writeField = (header: Uint8Array<ArrayBuffer>, at: number, value: bigint): number => {
  if (value < FIRST_EXTENDED_VALUE) return 0;
  new DataView(header.buffer).setBigUint64(at, value);
  let zeros = 0;
  while (header[at + zeros] === 0) zeros++;
  header.copyWithin(at, at + zeros, at + FIELD_BYTES);
  return FIELD_BYTES - zeros;
};

const nibbleOf = (value: bigint, fieldBytes: number): number =>
  fieldBytes === 0 ? Number(value) : EXTENDED | (fieldBytes - 1);

/** The shortest header for `kid` and `ctr`, both 0 to `MAX_UINT64` (RFC 9605 section 4.3). On the path of every frame. */
export const encodeHeader = (kid: bigint, ctr: bigint): Uint8Array<ArrayBuffer> => {
  const header = new Uint8Array(MAX_HEADER_BYTES);
  const kidBytes = writeField(header, CONFIG_BYTES, kid);
  const ctrBytes = writeField(header, CONFIG_BYTES + kidBytes, ctr);
  header[0] = (nibbleOf(kid, kidBytes) << KID_SHIFT) | nibbleOf(ctr, ctrBytes);
  return header.subarray(0, CONFIG_BYTES + kidBytes + ctrBytes);
};
