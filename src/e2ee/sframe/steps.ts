import { type Bytes, concatBytes } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { type HeaderRefusal, parseHeader, type SFrameHeader } from '../../framing/sframe-header.ts';

/** The pure parts of sealing and opening; a driver does the AEAD between them, at once or later. */

const COUNTER_BYTES = 8;

/** `salt` XOR the big-endian counter (RFC 9605 section 4.4.3). On the path of every frame: no bigint arithmetic. */
export const formNonce = (salt: Bytes, ctr: bigint): Uint8Array<ArrayBuffer> => {
  const nonce = new Uint8Array(salt.length);
  new DataView(nonce.buffer).setBigUint64(salt.length - COUNTER_BYTES, ctr);
  for (let i = 0; i < nonce.length; i++) nonce[i] = (nonce[i] ?? 0) ^ (salt[i] ?? 0);
  return nonce;
};

/** `header` and `metadata` as the AEAD sees them (RFC 9605 section 4.4.3). */
export const formAad = (header: Bytes, metadata: Bytes): Uint8Array<ArrayBuffer> =>
  concatBytes(header, metadata);

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

/** One SFrame ciphertext taken apart (RFC 9605 section 4.2): views, nothing copied. */
export interface SplitFrame {
  readonly header: SFrameHeader;
  readonly headerBytes: Bytes;
  /** Ciphertext and tag. */
  readonly sealed: Bytes;
}

/** Takes apart what begins at `at`. */
export const splitFrame = (bytes: Bytes, at: number): Result<SplitFrame, HeaderRefusal> => {
  const header = parseHeader(bytes, at);
  if (!header.ok) return header;
  const end = at + header.value.length;
  return ok({
    header: header.value,
    headerBytes: bytes.subarray(at, end),
    sealed: bytes.subarray(end),
  });
};
