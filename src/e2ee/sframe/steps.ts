import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import {
  type HeaderRefusal,
  type HeaderShape,
  parseHeader,
  type SFrameHeader,
  writeHeader,
} from '../../framing/sframe-header.ts';

/** The pure parts of sealing and opening; a driver does the AEAD between them, at once or later. */

const HALF_BITS = 32n;
const LOW_HALF = 0xffff_ffffn;
const HALF_END = 2 ** 32;
const HALF_BYTES = 4;

/** The four bytes of `half`, big-endian, onto those before `end`. */
const xorInto = (bytes: Uint8Array<ArrayBuffer>, end: number, half: number): void => {
  for (let i = 1; i <= HALF_BYTES; i++) {
    bytes[end - i] = (bytes[end - i] ?? 0) ^ (half >>> (8 * (i - 1)));
  }
};

/**
 * `salt` XOR the big-endian counter (RFC 9605 section 4.4.3), written over `nonce`. On the path of every frame: two
 * halves, since arithmetic on bigint costs more than the rest of it.
 */
const writeNonce = (nonce: Uint8Array<ArrayBuffer>, salt: Bytes, ctr: bigint): void => {
  nonce.set(salt);
  const small = Number(ctr);
  xorInto(nonce, nonce.length, small < HALF_END ? small : Number(ctr & LOW_HALF));
  if (small >= HALF_END) xorInto(nonce, nonce.length - HALF_BYTES, Number(ctr >> HALF_BITS));
};

export const formNonce = (salt: Bytes, ctr: bigint): Uint8Array<ArrayBuffer> => {
  const nonce = new Uint8Array(salt.length);
  writeNonce(nonce, salt, ctr);
  return nonce;
};

/** `header` and `metadata` as the AEAD sees them (RFC 9605 section 4.4.3). */
export const formAad = (header: Bytes, metadata: Bytes): Uint8Array<ArrayBuffer> =>
  concatBytes(header, metadata);

/**
 * Nonce and AAD of one key after another, in memory that each call writes over: OpenSSL reads arrays that it was given
 * before a tenth of a microsecond faster than fresh ones. For drivers that answer at once, and keep neither.
 */
export class ReusedInputs {
  readonly #salt: Bytes;
  readonly #nonce: Uint8Array<ArrayBuffer>;
  #aad = new Uint8Array(0);

  constructor(salt: Bytes) {
    this.#salt = salt;
    this.#nonce = new Uint8Array(salt.length);
  }

  nonce(ctr: bigint): Bytes {
    writeNonce(this.#nonce, this.#salt, ctr);
    return this.#nonce;
  }

  /** Its length rarely changes: with a longer counter, or between key and delta frames. */
  aad(header: HeaderShape, metadata: Bytes): Bytes {
    const length = header.length + metadata.length;
    if (this.#aad.length !== length) this.#aad = new Uint8Array(length);
    writeHeader(header, this.#aad, 0);
    this.#aad.set(metadata, header.length);
    return this.#aad;
  }
}

/** A frame that is about to be sealed. The caller owns the counter: no (`key`, `ctr`) may come twice. */
export interface FrameToSeal {
  readonly ctr: bigint;
  readonly metadata: Bytes;
  readonly plaintext: Bytes;
}

export type FrameRefusal = HeaderRefusal | Refusal<'sframe.unknown-key' | 'sframe.not-authentic'>;

export const unknownKey = refuse('sframe.unknown-key', 'no key for the KID of the frame');
export const notAuthentic = refuse('sframe.not-authentic', 'the tag of the frame does not match');

export interface DecryptedFrame {
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly plaintext: Bytes;
}

export const decrypted = (
  { kid, ctr }: SFrameHeader,
  plaintext: Bytes | undefined,
): Result<DecryptedFrame, FrameRefusal> =>
  plaintext === undefined ? notAuthentic : ok({ kid, ctr, plaintext });

/**
 * One SFrame ciphertext taken apart (RFC 9605 section 4.2): views, nothing copied. The header's values stand for its
 * bytes: since only the shortest form parses, writing them again gives the same.
 */
export interface SplitFrame {
  readonly header: SFrameHeader;
  /** Ciphertext and tag. */
  readonly sealed: Bytes;
}

/** Takes apart what begins at `at`. */
export const splitFrame = (bytes: Bytes, at: number): Result<SplitFrame, HeaderRefusal> => {
  const header = parseHeader(bytes, at);
  if (!header.ok) return header;
  return ok({ header: header.value, sealed: bytes.subarray(at + header.value.length) });
};
