import { type Bytes, equalBytes } from '../../base/bytes.ts';
import type { Aead } from './driver.ts';
import type { CtrHmacSuite } from './suites.ts';

/** AES-CTR and HMAC as one AEAD (RFC 9605 section 4.5.1), in parts that every driver shares. */

const BLOCK_BYTES = 16;
const LENGTH_BYTES = 8;

/** The AES key comes first, what remains is the HMAC's. */
export const splitKey = (suite: CtrHmacSuite, key: Bytes): { encryption: Bytes; authentication: Bytes } => ({
  encryption: key.subarray(0, suite.encryptionKeyBytes),
  authentication: key.subarray(suite.encryptionKeyBytes),
});

/** `initial_counter`: the nonce, then zeros. */
export const initialCounter = (nonce: Bytes): Uint8Array<ArrayBuffer> => {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(nonce);
  return block;
};

/** `auth_data`: three lengths of 8 bytes each, nonce, AAD, ciphertext. */
export const authenticatedParts = (
  suite: CtrHmacSuite,
  nonce: Bytes,
  aad: Bytes,
  ciphertext: Bytes,
): readonly Bytes[] => {
  const lengths = new Uint8Array(3 * LENGTH_BYTES);
  const view = new DataView(lengths.buffer);
  view.setBigUint64(0, BigInt(aad.length));
  view.setBigUint64(LENGTH_BYTES, BigInt(ciphertext.length));
  view.setBigUint64(2 * LENGTH_BYTES, BigInt(suite.tagBytes));
  return [lengths, nonce, aad, ciphertext];
};

/** What a synchronous driver brings, its keys inside. */
export interface CtrHmacPrimitives {
  /** AES-CTR from `counter` on; the same for both directions. */
  ctr(counter: Bytes, data: Bytes): Bytes;
  hmac(...parts: readonly Bytes[]): Bytes;
}

/** `compute_tag` of RFC 9605 section 4.5.1. */
const computeTag = (
  suite: CtrHmacSuite,
  { hmac }: CtrHmacPrimitives,
  nonce: Bytes,
  aad: Bytes,
  ciphertext: Bytes,
): Bytes => hmac(...authenticatedParts(suite, nonce, aad, ciphertext)).subarray(0, suite.tagBytes);

export const ctrHmacAead = (suite: CtrHmacSuite, primitives: CtrHmacPrimitives): Aead => ({
  seal(nonce, aad, plaintext, out, at) {
    const ciphertext = primitives.ctr(initialCounter(nonce), plaintext);
    out.set(ciphertext, at);
    out.set(computeTag(suite, primitives, nonce, aad, ciphertext), at + ciphertext.length);
  },
  open(nonce, aad, sealed) {
    const ciphertext = sealed.subarray(0, sealed.length - suite.tagBytes);
    const tag = sealed.subarray(ciphertext.length);
    if (!equalBytes(tag, computeTag(suite, primitives, nonce, aad, ciphertext))) return undefined;
    return primitives.ctr(initialCounter(nonce), ciphertext);
  },
});
