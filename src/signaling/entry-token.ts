import { createHmac, createSecretKey } from 'node:crypto';
import type { Bytes } from '../base/bytes.ts';
import { BelfryError } from '../base/errors.ts';
import type { Mac } from './entry/token.ts';

/** RFC 2104 section 3: a key shorter than the hash's output weakens it. */
const MIN_KEY_BYTES = 32;

/** HMAC-SHA256 under `key`. Throws `token-key.short` below 32 bytes. */
export const makeMac = (key: Bytes): Mac => {
  if (key.length < MIN_KEY_BYTES)
    throw new BelfryError('token-key.short', `the token key has ${key.length} bytes, not ${MIN_KEY_BYTES}`);
  const secret = createSecretKey(key);
  return (message) => createHmac('sha256', secret).update(message).digest();
};
