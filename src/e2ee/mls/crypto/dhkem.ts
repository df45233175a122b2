import { createECDH, randomBytes } from 'node:crypto';
import { type Bytes, concatBytes, utf8 } from '../../../base/bytes.ts';
import { type HashName, labeledKdf, uint16 } from './kdf.ts';
import type { Kem, KemPair } from './kem.ts';
import { x25519Public, x25519Shared } from './x25519.ts';

/** A Diffie-Hellman group: what differs between the KEMs of RFC 9180 section 4.1. */
interface DhGroup {
  readonly id: number;
  readonly hash: HashName;
  readonly secretBytes: number;
  publicOf(privateKey: Bytes): Bytes;
  shared(privateKey: Bytes, publicKey: Bytes): Bytes;
  /** Section 7.1.3: the labels under which a private key is derived. */
  readonly derivation: { readonly label: 'sk' | 'candidate'; readonly info: Bytes };
}

const dhKem = (group: DhGroup): Kem => {
  const kdf = labeledKdf(group.hash, concatBytes(utf8('KEM'), uint16(group.id)));
  const agree = (dh: Bytes, enc: Bytes, recipient: Bytes): Bytes => {
    const prk = kdf.extract(new Uint8Array(), 'eae_prk', dh);
    return kdf.expand(prk, 'shared_secret', concatBytes(enc, recipient), group.secretBytes);
  };
  const derive = (ikm: Bytes): KemPair => {
    const prk = kdf.extract(new Uint8Array(), 'dkp_prk', ikm);
    const { label, info } = group.derivation;
    const privateKey = kdf.expand(prk, label, info, group.secretBytes);
    return { privateKey, publicKey: group.publicOf(privateKey) };
  };
  const generate = () => derive(randomBytes(group.secretBytes));
  return {
    id: group.id,
    generate,
    derive,
    publicOf: group.publicOf,
    encapsulate: (publicKey) => {
      const { privateKey, publicKey: ciphertext } = generate();
      return { ciphertext, shared: agree(group.shared(privateKey, publicKey), ciphertext, publicKey) };
    },
    decapsulate: (privateKey, ciphertext) =>
      agree(group.shared(privateKey, ciphertext), ciphertext, group.publicOf(privateKey)),
  };
};

export const x25519Kem = dhKem({
  id: 0x0020,
  hash: 'sha256',
  secretBytes: 32,
  publicOf: x25519Public,
  shared: x25519Shared,
  derivation: { label: 'sk', info: new Uint8Array() },
});

const p384 = (privateKey: Bytes) => {
  const ecdh = createECDH('secp384r1');
  ecdh.setPrivateKey(privateKey);
  return ecdh;
};

/** A first candidate outside the curve's order, one in 2^190, throws instead of being followed by a second. */
export const p384Kem = dhKem({
  id: 0x0011,
  hash: 'sha384',
  secretBytes: 48,
  publicOf: (privateKey) => new Uint8Array(p384(privateKey).getPublicKey()),
  shared: (privateKey, publicKey) => new Uint8Array(p384(privateKey).computeSecret(publicKey)),
  derivation: { label: 'candidate', info: Uint8Array.of(0) },
});
