import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { encodeHeader } from '../../framing/sframe-header.ts';
import { deriveKeyAndSalt } from './derive.ts';
import type { Aead, SyncDriver } from './driver.ts';
import {
  type DecryptedFrame,
  decrypted,
  type FrameRefusal,
  formAad,
  formNonce,
  type SplitFrame,
  splitFrame,
  unknownKey,
} from './steps.ts';
import type { Suite } from './suites.ts';

/** What sealing and opening under one KID need, derived once. */
export interface FrameKey {
  readonly kid: bigint;
  readonly suite: Suite;
  readonly salt: Bytes;
  readonly aead: Aead;
  readonly driver: SyncDriver;
}

export const deriveFrameKey = (driver: SyncDriver, suite: Suite, kid: bigint, baseKey: Bytes): FrameKey => {
  const { key, salt } = deriveKeyAndSalt(driver, suite, kid, baseKey);
  return { kid, suite, salt, aead: driver.aead(suite, key), driver };
};

const NOTHING = new Uint8Array(0);

/**
 * `header || ciphertext || tag` (RFC 9605 section 4.4.3), after `prefix`, which leaves in clear. The caller owns the
 * counter: no (`key`, `ctr`) may come twice.
 */
export const encryptFrame = (
  key: FrameKey,
  ctr: bigint,
  metadata: Bytes,
  plaintext: Bytes,
  prefix: Bytes = NOTHING,
): Bytes => {
  const header = encodeHeader(key.kid, ctr);
  const sealedAt = prefix.length + header.length;
  const wire = key.driver.allocate(sealedAt + plaintext.length + key.suite.tagBytes);
  wire.set(prefix);
  wire.set(header, prefix.length);
  key.aead.seal(formNonce(key.salt, ctr), formAad(header, metadata), plaintext, wire, sealedAt);
  return wire;
};

/** The plaintext, or `undefined` where it is not authentic; what cannot even hold a tag is not. */
export const openSplitFrame = (key: FrameKey, frame: SplitFrame, metadata: Bytes): Bytes | undefined => {
  if (frame.sealed.length < key.suite.tagBytes) return undefined;
  const nonce = formNonce(key.salt, frame.header.ctr);
  return key.aead.open(nonce, formAad(frame.headerBytes, metadata), frame.sealed);
};

/** RFC 9605 section 4.4.4, without a replay window: that belongs to whoever keeps the keys. */
export const decryptFrame = (
  keyOf: (kid: bigint) => FrameKey | undefined,
  metadata: Bytes,
  ciphertext: Bytes,
): Result<DecryptedFrame, FrameRefusal> => {
  const split = splitFrame(ciphertext, 0);
  if (!split.ok) return split;
  const key = keyOf(split.value.header.kid);
  if (key === undefined) return unknownKey;
  return decrypted(split.value.header, openSplitFrame(key, split.value, metadata));
};
