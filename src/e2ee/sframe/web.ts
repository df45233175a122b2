import { type Bytes, concatBytes, equalBytes } from '../../base/bytes.ts';
import { authenticatedParts, initialCounter, splitKey } from './ctr-hmac.ts';
import type { AsyncAead, AsyncDriver } from './driver.ts';
import type { CtrHmacSuite, GcmSuite, SuiteHash } from './suites.ts';

const HASH_NAMES: { readonly [Hash in SuiteHash]: string } = { sha256: 'SHA-256', sha512: 'SHA-512' };
/** The counter's own 32 bits of the block: a frame has far fewer blocks. */
const CTR_BITS = 32;

/** WebCrypto refuses shared memory; everything else is passed on as it is. */
const unshared = (bytes: Bytes): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : new Uint8Array(bytes);

const importKey = (
  subtle: SubtleCrypto,
  algorithm: AlgorithmIdentifier | HmacImportParams,
  key: Bytes,
  usages: readonly KeyUsage[],
): Promise<CryptoKey> => subtle.importKey('raw', unshared(key), algorithm, false, usages);

const gcmAead = async (subtle: SubtleCrypto, suite: GcmSuite, key: Bytes): Promise<AsyncAead> => {
  const secret = await importKey(subtle, 'AES-GCM', key, ['encrypt', 'decrypt']);
  const parameters = (nonce: Bytes, aad: Bytes): AesGcmParams => ({
    name: 'AES-GCM',
    iv: unshared(nonce),
    additionalData: unshared(aad),
    tagLength: 8 * suite.tagBytes,
  });
  return {
    seal: async (nonce, aad, plaintext) =>
      new Uint8Array(await subtle.encrypt(parameters(nonce, aad), secret, unshared(plaintext))),
    open: async (nonce, aad, sealed) => {
      try {
        return new Uint8Array(await subtle.decrypt(parameters(nonce, aad), secret, unshared(sealed)));
      } catch {
        return undefined;
      }
    },
  };
};

/** RFC 9605 section 4.5.1, as `ctrHmacAead`. */
const ctrHmacAead = async (subtle: SubtleCrypto, suite: CtrHmacSuite, key: Bytes): Promise<AsyncAead> => {
  const { encryption, authentication } = splitKey(suite, key);
  const secret = await importKey(subtle, 'AES-CTR', encryption, ['encrypt']);
  const hmac = { name: 'HMAC', hash: HASH_NAMES[suite.hash] };
  const macKey = await importKey(subtle, hmac, authentication, ['sign']);

  const ctr = async (nonce: Bytes, data: Bytes): Promise<Bytes> => {
    const parameters = { name: 'AES-CTR', counter: initialCounter(nonce), length: CTR_BITS };
    return new Uint8Array(await subtle.encrypt(parameters, secret, unshared(data)));
  };
  const computeTag = async (nonce: Bytes, aad: Bytes, ciphertext: Bytes): Promise<Bytes> => {
    const data = concatBytes(...authenticatedParts(suite, nonce, aad, ciphertext));
    return new Uint8Array(await subtle.sign('HMAC', macKey, data), 0, suite.tagBytes);
  };
  return {
    seal: async (nonce, aad, plaintext) => {
      const ciphertext = await ctr(nonce, plaintext);
      return concatBytes(ciphertext, await computeTag(nonce, aad, ciphertext));
    },
    open: async (nonce, aad, sealed) => {
      const ciphertext = sealed.subarray(0, sealed.length - suite.tagBytes);
      const tag = sealed.subarray(ciphertext.length);
      return equalBytes(tag, await computeTag(nonce, aad, ciphertext)) ? ctr(nonce, ciphertext) : undefined;
    },
  };
};

/** `subtle`: the platform's, in browsers and their workers `crypto.subtle`. Keys are imported unextractable. */
export const webDriver = (subtle: SubtleCrypto): AsyncDriver => ({
  name: 'webcrypto',
  hkdf: async (hash, keyMaterial, salt, info, size) => {
    const secret = await importKey(subtle, 'HKDF', keyMaterial, ['deriveBits']);
    const parameters = { name: 'HKDF', hash: HASH_NAMES[hash], salt: unshared(salt), info: unshared(info) };
    return new Uint8Array(await subtle.deriveBits(parameters, secret, 8 * size));
  },
  aead: (suite, key) =>
    suite.kind === 'gcm' ? gcmAead(subtle, suite, key) : ctrHmacAead(subtle, suite, key),
});
