import type { Bytes } from '../../base/bytes.ts';
import type { Suite, SuiteHash } from './suites.ts';

/** An AEAD with its key inside (RFC 9605 section 4.5). Nonces are never chosen here. */
export interface Aead {
  /** Writes ciphertext and tag to `out` at `at`, where `plaintext.length` + Nt bytes are free. */
  seal(nonce: Bytes, aad: Bytes, plaintext: Bytes, out: Bytes, at: number): void;
  /** The plaintext of `sealed` (ciphertext and tag), or `undefined` where it is not authentic. */
  open(nonce: Bytes, aad: Bytes, sealed: Bytes): Bytes | undefined;
}

/** Cryptography that answers at once: `nodeDriver` (fast), `nobleDriver` (runs everywhere). */
export interface SyncDriver {
  readonly name: string;
  /** HMAC over the parts one after another (RFC 2104). */
  hmac(hash: SuiteHash, key: Bytes, ...parts: readonly Bytes[]): Bytes;
  /** `key`: Nk bytes of the suite. */
  aead(suite: Suite, key: Bytes): Aead;
  /** `size` bytes to be written over in full; what they hold before is not said. */
  allocate(size: number): Bytes;
  /** Nobody will read `bytes` again: their memory may be used anew at once, long before the collector would see to it. */
  release(bytes: Bytes): void;
}

/** As `Aead`, answering later. */
export interface AsyncAead {
  /** Ciphertext and tag. */
  seal(nonce: Bytes, aad: Bytes, plaintext: Bytes): Promise<Bytes>;
  open(nonce: Bytes, aad: Bytes, sealed: Bytes): Promise<Bytes | undefined>;
}

/** Cryptography that answers later: `webDriver`, for browsers, where it is many times faster than the portable one. */
export interface AsyncDriver {
  readonly name: string;
  /** RFC 5869. */
  hkdf(hash: SuiteHash, keyMaterial: Bytes, salt: Bytes, info: Bytes, size: number): Promise<Bytes>;
  aead(suite: Suite, key: Bytes): Promise<AsyncAead>;
}
