import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { type Bytes, concatBytes, fromHex } from '../../../base/bytes.ts';

/** RFC 8410: what stands before a raw key in PKCS #8 and in SubjectPublicKeyInfo. */
const PRIVATE_PREFIX = fromHex('302e020100300506032b656e04220420') ?? new Uint8Array();
const PUBLIC_PREFIX = fromHex('302a300506032b656e032100') ?? new Uint8Array();

const privateKeyOf = (raw: Bytes) =>
  createPrivateKey({ key: Buffer.from(concatBytes(PRIVATE_PREFIX, raw)), format: 'der', type: 'pkcs8' });
const publicKeyOf = (raw: Bytes) =>
  createPublicKey({ key: Buffer.from(concatBytes(PUBLIC_PREFIX, raw)), format: 'der', type: 'spki' });

export const x25519Public = (privateKey: Bytes): Bytes => {
  const der = createPublicKey(privateKeyOf(privateKey)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(PUBLIC_PREFIX.length));
};

/** Throws for a public key of low order, whose shared secret would be zero (RFC 7748 section 6.1). */
export const x25519Shared = (privateKey: Bytes, publicKey: Bytes): Bytes =>
  new Uint8Array(diffieHellman({ privateKey: privateKeyOf(privateKey), publicKey: publicKeyOf(publicKey) }));
