import { createHash, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import type { CiphersuiteImpl, Hash, Kdf, Signature } from 'ts-mls';
import { type Bytes, concatBytes, equalBytes, fromHex } from '../../../base/bytes.ts';
import { BelfryError } from '../../../base/errors.ts';
import { type MlsSuite, SUITE_NAMES } from '../suites.ts';
import { p384Kem, x25519Kem } from './dhkem.ts';
import { nodeHpke } from './hpke.ts';
import { HASH_BYTES, type HashName, hkdfExpand, hmac } from './kdf.ts';
import type { Kem } from './kem.ts';
import type { MlsCrypto } from './provider.ts';
import { xWingKem } from './x-wing.ts';

interface SuiteParts {
  readonly kem: Kem;
  /** HPKE's own hash, which for X-Wing's suite is the library's choice as well. */
  readonly hash: HashName;
  readonly keyBytes: 16 | 32;
  readonly signature: { readonly digest: 'sha384' | null; readonly spkiPrefix: string };
}

const ED25519 = { digest: null, spkiPrefix: '302a300506032b6570032100' } as const;
const P384 = { digest: 'sha384', spkiPrefix: '3076301006072a8648ce3d020106052b81040022036200' } as const;

const PARTS: Readonly<Record<MlsSuite, SuiteParts>> = {
  'x-wing': { kem: xWingKem, hash: 'sha512', keyBytes: 32, signature: ED25519 },
  x25519: { kem: x25519Kem, hash: 'sha256', keyBytes: 16, signature: ED25519 },
  'p-384': { kem: p384Kem, hash: 'sha384', keyBytes: 32, signature: P384 },
};

const nodeHash = (hash: HashName): Hash => ({
  digest: async (data) => new Uint8Array(createHash(hash).update(data).digest()),
  mac: async (key, data) => hmac(hash, key, data),
  verifyMac: async (key, mac, data) => equalBytes(mac, hmac(hash, key, data)),
});

const nodeKdf = (hash: HashName): Kdf => ({
  extract: async (salt, ikm) => hmac(hash, salt, ikm),
  expand: async (prk, info, size) => hkdfExpand(hash, prk, info, size),
  size: HASH_BYTES[hash],
});

const noOwnKeys = async (): Promise<never> => {
  throw new BelfryError('bug.mls-signer', 'signatures are made by the device’s signer');
};

/** More than a group's members, each of whom has one; to read a key again costs less than half a verification. */
const MAX_KEYS_READ = 1_024;

/** Members' keys come again with each commit of theirs and each tree: as OpenSSL wants them they are read once. */
const keyReader = (spkiPrefix: string): ((raw: Bytes) => KeyObject) => {
  const prefix = fromHex(spkiPrefix) ?? new Uint8Array();
  const read = new Map<string, KeyObject>();
  return (raw) => {
    const text = Buffer.from(raw).toString('latin1');
    const known = read.get(text);
    if (known !== undefined) return known;
    const der = Buffer.from(concatBytes(prefix, raw));
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (read.size >= MAX_KEYS_READ) read.clear();
    read.set(text, key);
    return key;
  };
};

const nodeSignature = ({ digest, spkiPrefix }: SuiteParts['signature']): Signature => {
  const keyOf = keyReader(spkiPrefix);
  return {
    verify: async (publicKey, message, signature) => verify(digest, message, keyOf(publicKey), signature),
    sign: noOwnKeys,
    keygen: noOwnKeys,
  };
};

/** Synchronous cryptography of Node: the library then waits for nothing but microtasks. */
export const nodeMlsCrypto: MlsCrypto = async (suite): Promise<CiphersuiteImpl> => {
  const { kem, hash, keyBytes, signature } = PARTS[suite];
  return {
    name: SUITE_NAMES[suite],
    hash: nodeHash(hash),
    kdf: nodeKdf(hash),
    hpke: nodeHpke({ kem, hash, keyBytes }),
    signature: nodeSignature(signature),
    rng: { randomBytes: (size) => new Uint8Array(randomBytes(size)) },
  };
};
