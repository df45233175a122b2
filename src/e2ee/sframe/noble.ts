import { ctr, gcm } from '@noble/ciphers/aes.js';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../../base/bytes.ts';
import { ctrHmacAead, splitKey } from './ctr-hmac.ts';
import type { Aead, SyncDriver } from './driver.ts';
import type { CtrHmacSuite, Suite } from './suites.ts';

const HASHES = { sha256, sha512 } as const;

const hmac: SyncDriver['hmac'] = (hash, key, ...parts) => {
  const mac = nobleHmac.create(HASHES[hash], key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** noble throws for a wrong tag alone: lengths are checked before, by `openSplitFrame`. */
const gcmAead = (key: Bytes): Aead => ({
  seal(nonce, aad, plaintext, out, at) {
    out.set(gcm(key, nonce, aad).encrypt(plaintext), at);
  },
  open(nonce, aad, sealed) {
    try {
      return gcm(key, nonce, aad).decrypt(sealed);
    } catch {
      return undefined;
    }
  },
});

const ctrHmac = (suite: CtrHmacSuite, key: Bytes): Aead => {
  const { encryption, authentication } = splitKey(suite, key);
  return ctrHmacAead(suite, {
    ctr: (counter, data) => ctr(encryption, counter).encrypt(data),
    hmac: (...parts) => hmac(suite.hash, authentication, ...parts),
  });
};

const aead = (suite: Suite, key: Bytes): Aead => (suite.kind === 'gcm' ? gcmAead(key) : ctrHmac(suite, key));

/** Runs everywhere, in plain JavaScript: the fallback, and the oracle that checks the fast path. */
export const nobleDriver: SyncDriver = {
  name: 'noble',
  hmac,
  aead,
  allocate: (size) => new Uint8Array(size),
  release() {},
};
