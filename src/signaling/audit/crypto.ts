import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { type Bytes, toBase64Url } from '../../base/bytes.ts';

export const sha256 = (bytes: Bytes): Bytes => new Uint8Array(createHash('sha256').update(bytes).digest());

/** The key that signs a record's checkpoints (Ed25519, RFC 8032). */
export interface RecordKey {
  readonly sign: (text: Bytes) => Bytes;
  /** SubjectPublicKeyInfo in base64url: what a record names, and what an operator notes down once. */
  readonly publicKey: string;
}

/** PKCS #8 in PEM. */
export const makeRecordKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

/** Throws where `pem` is no Ed25519 key. */
export const readRecordKey = (pem: string): RecordKey => {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  return {
    sign: (text) => new Uint8Array(sign(null, text, key)),
    publicKey: toBase64Url(createPublicKey(key).export({ format: 'der', type: 'spki' })),
  };
};

/** A key that is none verifies nothing. */
export const verifySignature = (publicKey: Bytes, text: Bytes, signature: Bytes): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, text, key, signature);
  } catch {
    return false;
  }
};
