import { type Bytes, concatBytes, utf8 } from '../../base/bytes.ts';
import type { SyncDriver } from './driver.ts';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';
import type { Suite } from './suites.ts';

const KID_BYTES = 8;
const SUITE_BYTES = 2;

/** `text`, KID and suite (RFC 9605 section 4.4.2). */
const label = (text: string, suite: Suite, kid: bigint): Uint8Array<ArrayBuffer> => {
  const suffix = new Uint8Array(KID_BYTES + SUITE_BYTES);
  const view = new DataView(suffix.buffer);
  view.setBigUint64(0, kid);
  view.setUint16(KID_BYTES, suite.id);
  return concatBytes(utf8(text), suffix);
};

export const keyLabel = (suite: Suite, kid: bigint): Uint8Array<ArrayBuffer> =>
  label('SFrame 1.0 Secret key ', suite, kid);
export const saltLabel = (suite: Suite, kid: bigint): Uint8Array<ArrayBuffer> =>
  label('SFrame 1.0 Secret salt ', suite, kid);

/** `sframe_secret` (RFC 9605 section 4.4.2). */
export const frameSecret = (driver: SyncDriver, suite: Suite, baseKey: Bytes): Bytes =>
  hkdfExtract(driver, suite.hash, new Uint8Array(0), baseKey);

/** `sframe_key` and `sframe_salt` (RFC 9605 section 4.4.2). */
export interface KeyAndSalt {
  readonly key: Bytes;
  readonly salt: Bytes;
}

export const deriveKeyAndSalt = (
  driver: SyncDriver,
  suite: Suite,
  kid: bigint,
  baseKey: Bytes,
): KeyAndSalt => {
  const secret = frameSecret(driver, suite, baseKey);
  return {
    key: hkdfExpand(driver, suite.hash, secret, keyLabel(suite, kid), suite.keyBytes),
    salt: hkdfExpand(driver, suite.hash, secret, saltLabel(suite, kid), suite.nonceBytes),
  };
};
