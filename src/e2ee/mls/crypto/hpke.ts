import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { Hpke, PrivateKey, PublicKey } from 'ts-mls';
import { type Bytes, concatBytes, utf8 } from '../../../base/bytes.ts';
import { HASH_BYTES, type HashName, labeledKdf, uint16 } from './kdf.ts';
import type { Kem } from './kem.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KDF_IDS: Readonly<Record<HashName, number>> = { sha256: 1, sha384: 2, sha512: 3 };
const AES = { 16: { id: 1, cipher: 'aes-128-gcm' }, 32: { id: 2, cipher: 'aes-256-gcm' } } as const;
const EMPTY = new Uint8Array();

export interface HpkeSuite {
  readonly kem: Kem;
  readonly hash: HashName;
  /** AES-128-GCM or AES-256-GCM. */
  readonly keyBytes: 16 | 32;
}

/** The library wants its keys to be `CryptoKey`s by name, and only ever hands them back: raw bytes serve as well. */
const asPublic = (raw: Bytes): PublicKey => raw as unknown as PublicKey;
const asPrivate = (raw: Bytes): PrivateKey => raw as unknown as PrivateKey;
const rawOf = (key: PublicKey | PrivateKey): Bytes => key as unknown as Bytes;

const gcm = (keyBytes: 16 | 32) => ({
  seal: (key: Bytes, nonce: Bytes, aad: Bytes, plaintext: Bytes): Bytes => {
    const cipher = createCipheriv(AES[keyBytes].cipher, createSecretKey(key), nonce).setAAD(aad);
    return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  },
  open: (key: Bytes, nonce: Bytes, aad: Bytes, sealed: Bytes): Bytes => {
    const at = sealed.length - TAG_BYTES;
    if (at < 0) throw new RangeError(`a ciphertext of ${sealed.length} bytes has no tag`);
    const decipher = createDecipheriv(AES[keyBytes].cipher, createSecretKey(key), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aad).setAuthTag(sealed.subarray(at));
    return concatBytes(decipher.update(sealed.subarray(0, at)), decipher.final());
  },
});

/** RFC 9180 section 5.1, base mode. */
const keySchedule = ({ kem, hash, keyBytes }: HpkeSuite) => {
  const suiteId = concatBytes(utf8('HPKE'), uint16(kem.id), uint16(KDF_IDS[hash]), uint16(AES[keyBytes].id));
  const kdf = labeledKdf(hash, suiteId);
  return (shared: Bytes, info: Bytes) => {
    const pskIdHash = kdf.extract(EMPTY, 'psk_id_hash', EMPTY);
    const context = concatBytes(Uint8Array.of(0), pskIdHash, kdf.extract(EMPTY, 'info_hash', info));
    const secret = kdf.extract(shared, 'secret', EMPTY);
    return {
      key: () => kdf.expand(secret, 'key', context, keyBytes),
      nonce: () => kdf.expand(secret, 'base_nonce', context, NONCE_BYTES),
      exported: (exporterContext: Bytes, size: number) =>
        kdf.expand(kdf.expand(secret, 'exp', context, HASH_BYTES[hash]), 'sec', exporterContext, size),
    };
  };
};

type Sealing = Pick<Hpke, 'seal' | 'open' | 'exportSecret' | 'importSecret'>;

const sealing = (suite: HpkeSuite): Sealing => {
  const schedule = keySchedule(suite);
  const aead = gcm(suite.keyBytes);
  const opened = (key: PrivateKey, ciphertext: Bytes, info: Bytes) =>
    schedule(suite.kem.decapsulate(rawOf(key), ciphertext), info);
  return {
    seal: async (publicKey, plaintext, info, aad = EMPTY) => {
      const { shared, ciphertext: enc } = suite.kem.encapsulate(rawOf(publicKey));
      const keys = schedule(shared, info);
      return { enc, ct: aead.seal(keys.key(), keys.nonce(), aad, plaintext) };
    },
    open: async (privateKey, enc, ciphertext, info, aad = EMPTY) => {
      const keys = opened(privateKey, enc, info);
      return aead.open(keys.key(), keys.nonce(), aad, ciphertext);
    },
    exportSecret: async (publicKey, exporterContext, size, info) => {
      const { shared, ciphertext: enc } = suite.kem.encapsulate(rawOf(publicKey));
      return { enc, secret: schedule(shared, info).exported(exporterContext, size) };
    },
    importSecret: async (privateKey, exporterContext, enc, size, info) =>
      opened(privateKey, enc, info).exported(exporterContext, size),
  };
};

/** Hybrid public key encryption on node:crypto: synchronous within, promises only because the library awaits. */
export const nodeHpke = (suite: HpkeSuite): Hpke => {
  const aead = gcm(suite.keyBytes);
  const pairOf = ({ privateKey, publicKey }: ReturnType<Kem['generate']>) => ({
    privateKey: asPrivate(privateKey),
    publicKey: asPublic(publicKey),
  });
  return {
    ...sealing(suite),
    importPrivateKey: async (raw) => asPrivate(raw),
    importPublicKey: async (raw) => asPublic(raw),
    exportPublicKey: async (key) => rawOf(key),
    exportPrivateKey: async (key) => rawOf(key),
    encryptAead: async (key, nonce, aad, plaintext) => aead.seal(key, nonce, aad ?? EMPTY, plaintext),
    decryptAead: async (key, nonce, aad, sealed) => aead.open(key, nonce, aad ?? EMPTY, sealed),
    deriveKeyPair: async (ikm) => pairOf(suite.kem.derive(ikm)),
    generateKeyPair: async () => pairOf(suite.kem.generate()),
    keyLength: suite.keyBytes,
    nonceLength: NONCE_BYTES,
  };
};
