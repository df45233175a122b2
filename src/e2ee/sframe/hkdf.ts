import { type Bytes, concatBytes } from '../../base/bytes.ts';
import type { SyncDriver } from './driver.ts';
import type { SuiteHash } from './suites.ts';

/** RFC 5869 section 2.2. An empty salt counts as zeros. */
export const hkdfExtract = (driver: SyncDriver, hash: SuiteHash, salt: Bytes, keyMaterial: Bytes): Bytes =>
  driver.hmac(hash, salt, keyMaterial);

/** RFC 5869 section 2.3: at most 255 blocks of the hash, of which nobody here needs more than two. */
export const hkdfExpand = (
  driver: SyncDriver,
  hash: SuiteHash,
  secret: Bytes,
  info: Bytes,
  size: number,
): Bytes => {
  let block: Bytes = new Uint8Array(0);
  let output: Bytes = block;
  for (let count = 1; output.length < size; count++) {
    block = driver.hmac(hash, secret, block, info, Uint8Array.of(count));
    output = concatBytes(output, block);
  }
  return output.slice(0, size);
};
