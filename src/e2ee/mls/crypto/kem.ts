import type { Bytes } from '../../../base/bytes.ts';

/** Keys as their published encodings. `privateKey` may be a seed (X-Wing). */
export interface KemPair {
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** A key encapsulation of RFC 9180 section 4, at once. Throws for keys and ciphertexts that are none. */
export interface Kem {
  /** In the registry of HPKE's KEMs. */
  readonly id: number;
  generate(): KemPair;
  derive(ikm: Bytes): KemPair;
  publicOf(privateKey: Bytes): Bytes;
  encapsulate(publicKey: Bytes): { readonly shared: Bytes; readonly ciphertext: Bytes };
  decapsulate(privateKey: Bytes, ciphertext: Bytes): Bytes;
}
