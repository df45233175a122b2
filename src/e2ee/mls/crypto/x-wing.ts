import {
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  encapsulate,
  randomBytes,
} from 'node:crypto';
import { type Bytes, concatBytes, fromHex, utf8 } from '../../../base/bytes.ts';
import type { Kem, KemPair } from './kem.ts';
import { x25519Public, x25519Shared } from './x25519.ts';

const SEED_BYTES = 32;
const ML_KEM_SEED_BYTES = 64;
const ML_KEM_PUBLIC_BYTES = 1184;
const ML_KEM_CIPHERTEXT_BYTES = 1088;
const X25519_BYTES = 32;
/** The combiner's label of the X-Wing draft: `\.//^\`. */
const LABEL = utf8('\\.//^\\');
/** ML-KEM-768 in PKCS #8, as a seed alone, and in SubjectPublicKeyInfo (RFC 9935). */
const PRIVATE_PREFIX = fromHex('3054020100300b060960864801650304040204428040') ?? new Uint8Array();
const PUBLIC_PREFIX = fromHex('308204b2300b0609608648016503040402038204a100') ?? new Uint8Array();

const shake256 = (size: number, data: Bytes): Bytes =>
  new Uint8Array(createHash('shake256', { outputLength: size }).update(data).digest());

const mlKemPrivate = (seed: Bytes) =>
  createPrivateKey({ key: Buffer.from(concatBytes(PRIVATE_PREFIX, seed)), format: 'der', type: 'pkcs8' });
const mlKemPublic = (raw: Bytes) =>
  createPublicKey({ key: Buffer.from(concatBytes(PUBLIC_PREFIX, raw)), format: 'der', type: 'spki' });

/** Both private keys of a seed. */
const expandSeed = (seed: Bytes) => {
  const expanded = shake256(ML_KEM_SEED_BYTES + X25519_BYTES, seed);
  return {
    mlKem: mlKemPrivate(expanded.subarray(0, ML_KEM_SEED_BYTES)),
    x25519: expanded.subarray(ML_KEM_SEED_BYTES),
  };
};

const publicOf = (seed: Bytes): Bytes => {
  const { mlKem, x25519 } = expandSeed(seed);
  const der = createPublicKey(mlKem).export({ format: 'der', type: 'spki' });
  return concatBytes(der.subarray(PUBLIC_PREFIX.length), x25519Public(x25519));
};

const pairOf = (privateKey: Bytes): KemPair => ({ privateKey, publicKey: publicOf(privateKey) });

const combine = (mlKem: Bytes, x25519: Bytes, ciphertext: Bytes, publicKey: Bytes): Bytes =>
  new Uint8Array(
    createHash('sha3-256')
      .update(concatBytes(mlKem, x25519, ciphertext, publicKey, LABEL))
      .digest(),
  );

/** ML-KEM-768 and X25519 as one: broken only where both are (draft-connolly-cfrg-xwing-kem). */
export const xWingKem: Kem = {
  id: 0x647a,
  generate: () => pairOf(randomBytes(SEED_BYTES)),
  derive: (ikm) => pairOf(shake256(SEED_BYTES, ikm)),
  publicOf,
  encapsulate: (publicKey) => {
    const recipient = publicKey.subarray(ML_KEM_PUBLIC_BYTES);
    const { sharedKey, ciphertext } = encapsulate(mlKemPublic(publicKey.subarray(0, ML_KEM_PUBLIC_BYTES)));
    const ephemeral = randomBytes(X25519_BYTES);
    const x25519 = x25519Public(ephemeral);
    return {
      ciphertext: concatBytes(ciphertext, x25519),
      shared: combine(sharedKey, x25519Shared(ephemeral, recipient), x25519, recipient),
    };
  },
  decapsulate: (seed, ciphertext) => {
    const { mlKem, x25519 } = expandSeed(seed);
    const ephemeral = ciphertext.subarray(ML_KEM_CIPHERTEXT_BYTES);
    const sharedKey = decapsulate(mlKem, Buffer.from(ciphertext.subarray(0, ML_KEM_CIPHERTEXT_BYTES)));
    return combine(sharedKey, x25519Shared(x25519, ephemeral), ephemeral, x25519Public(x25519));
  },
};
