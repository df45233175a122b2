import { type Bytes, toBase64Url } from '../../base/bytes.ts';
import { asId } from '../../base/ids.ts';
import { ALGORITHMS, type Alg, algOfCurve, DEFAULT_ALG } from '../statement/algorithms.ts';
import type { KeyId, PublicKeyInfo } from '../statement/statement.ts';

export interface SigningKey {
  readonly alg: Alg;
  readonly keyId: KeyId;
  readonly privateKey: CryptoKey;
}

export const sha256 = async (bytes: Bytes): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));

export const publicKeyInfo = async (alg: Alg, spki: Bytes): Promise<PublicKeyInfo> => ({
  alg,
  keyId: asId<KeyId>(toBase64Url(await sha256(spki))),
  spki: new Uint8Array(spki),
});

/** `isExtractable`: only for keys that are written to a file; a browser keeps its own as it is, in IndexedDB. */
export const newKeyPair = (isExtractable: boolean, alg: Alg = DEFAULT_ALG): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(ALGORITHMS[alg], isExtractable, ['sign', 'verify']) as Promise<CryptoKeyPair>;

/** Throws where the pair is of no curve in the table. */
export const keysOf = async (
  pair: CryptoKeyPair,
): Promise<{ signing: SigningKey; publicKey: PublicKeyInfo }> => {
  const alg = algOfCurve((pair.publicKey.algorithm as EcKeyAlgorithm).namedCurve);
  if (alg === undefined) throw new Error('a key of no algorithm in use');
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  const publicKey = await publicKeyInfo(alg, spki);
  return { signing: { alg, keyId: publicKey.keyId, privateKey: pair.privateKey }, publicKey };
};

/** Throws where `spki` is no key of `alg`. */
export const importPublicKey = ({ alg, spki }: PublicKeyInfo): Promise<CryptoKey> =>
  crypto.subtle.importKey('spki', spki, ALGORITHMS[alg], true, ['verify']);
