import type { Bytes } from '../../base/bytes.ts';

/**
 * A member's signature key as a handle: the bytes of its private half may be out of reach, in a browser or on a card.
 * Of a device: see device-signatures.ts. By the suite: Ed25519 for `x-wing` and `x25519`, 32 bytes and 64; ECDSA P-384 with
 * SHA-384 for `p-384`, an uncompressed point and DER.
 */
export interface Signer {
  readonly publicKey: Bytes;
  sign(message: Bytes): Promise<Bytes>;
}
