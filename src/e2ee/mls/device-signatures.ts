import type { Bytes } from '../../base/bytes.ts';
import { ALGORITHMS, type Alg } from '../../trust/statement/algorithms.ts';
import type { PublicKeyInfo } from '../../trust/statement/statement.ts';
import type { Signer } from './signer.ts';

/*
 * A leaf is signed for by the key of its device's certificate (RFC 9420 section 5.3), whichever algorithm that has. What a
 * suite says of signatures holds for the ones of its own; devices bring theirs, and keep them where they cannot be taken out.
 * Signatures have both numbers in full length (IEEE P1363), as all others of devices have.
 */

/** Of an uncompressed point. */
const POINT_BYTES: Readonly<Record<Alg, number>> = { ES256: 65, ES384: 97 };

const algOf = (publicKey: Bytes): Alg | undefined =>
  (Object.keys(POINT_BYTES) as Alg[]).find((alg) => POINT_BYTES[alg] === publicKey.length);

/** The point at the end of what certificates hold (RFC 5480 section 2.2). */
export const pointOf = ({ alg, spki }: PublicKeyInfo): Bytes => spki.slice(-POINT_BYTES[alg]);

export type VerifyLeaf = (publicKey: Bytes, message: Bytes, signature: Bytes) => Promise<boolean>;

/** The key decides, never the message. */
export const verifyDevice: VerifyLeaf = async (publicKey, message, signature) => {
  const alg = algOf(publicKey);
  if (alg === undefined) return false;
  const { signatureBytes, ...algorithm } = ALGORITHMS[alg];
  if (signature.length !== signatureBytes) return false;
  const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, key, new Uint8Array(signature), new Uint8Array(message));
};

/** A key that need not be extractable, and that another thread may have been given. */
export const deviceSigner = (privateKey: CryptoKey, publicKey: PublicKeyInfo): Signer => ({
  publicKey: pointOf(publicKey),
  sign: async (message) => {
    const { signatureBytes: _, ...algorithm } = ALGORITHMS[publicKey.alg];
    return new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, new Uint8Array(message)));
  },
});
