import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Bytes } from '../../base/bytes.ts';
import { ctrHmacAead, splitKey } from './ctr-hmac.ts';
import type { Aead, SyncDriver } from './driver.ts';
import type { CtrHmacSuite, GcmSuite, Suite } from './suites.ts';

const GCM_NAMES = { 4: 'aes-128-gcm', 5: 'aes-256-gcm' } as const;

/** The same bytes as a plain Uint8Array: Buffer's `slice` means something else, and readers must not need to know. */
const plain = (buffer: Buffer): Bytes => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

/**
 * OpenSSL's outputs each have an ArrayBuffer of their own. Left to the collector they fill memory by the frame's size
 * each time: at 30 KB that costs half as much as sealing itself. Detaching frees them now.
 */
const release = (bytes: Bytes): void => {
  const { buffer } = bytes;
  const isAlone = buffer.byteLength === bytes.byteLength;
  if (isAlone && buffer instanceof ArrayBuffer) buffer.transfer(0);
};

/** As below: raw bytes cost several times the rest. */
const hmac: SyncDriver['hmac'] = (hash, key, ...parts) => {
  const mac = createHmac(hash, createSecretKey(key));
  for (const part of parts) mac.update(part);
  return plain(mac.digest());
};

/** A KeyObject: with raw bytes every call would import the key again, at several times the cost of sealing. */
const gcmAead = (suite: GcmSuite, secret: KeyObject): Aead => {
  const name = GCM_NAMES[suite.id];
  return {
    seal(nonce, aad, plaintext, out, at) {
      const cipher = createCipheriv(name, secret, nonce);
      cipher.setAAD(aad);
      const ciphertext = cipher.update(plaintext);
      out.set(ciphertext, at);
      release(ciphertext);
      cipher.final();
      out.set(cipher.getAuthTag(), at + plaintext.length);
    },
    open(nonce, aad, sealed) {
      const decipher = createDecipheriv(name, secret, nonce, { authTagLength: suite.tagBytes });
      const tagAt = sealed.length - suite.tagBytes;
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(tagAt));
      const plaintext = decipher.update(sealed.subarray(0, tagAt));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return plain(plaintext);
    },
  };
};

const ctrHmac = (suite: CtrHmacSuite, key: Bytes): Aead => {
  const { encryption, authentication } = splitKey(suite, key);
  const secret = createSecretKey(encryption);
  return ctrHmacAead(suite, {
    ctr: (counter, data) => plain(createCipheriv('aes-128-ctr', secret, counter).update(data)),
    hmac: (...parts) => hmac(suite.hash, authentication, ...parts),
  });
};

const aead = (suite: Suite, key: Bytes): Aead =>
  suite.kind === 'gcm' ? gcmAead(suite, createSecretKey(key)) : ctrHmac(suite, key);

/** The fast path: OpenSSL by node:crypto. */
export const nodeDriver: SyncDriver = {
  name: 'node',
  hmac,
  aead,
  /** From Node's pool: memory of its own for every frame costs a third of sealing at 1 KB. */
  allocate: (size) => plain(Buffer.allocUnsafe(size)),
  release,
};
