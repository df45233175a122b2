import { type Bytes, concatBytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { encodeHeader } from '../../framing/sframe-header.ts';
import { type KeyAndSalt, keyLabel, saltLabel } from './derive.ts';
import type { AsyncAead, AsyncDriver } from './driver.ts';
import {
  type DecryptedFrame,
  decrypted,
  type FrameRefusal,
  type FrameToSeal,
  formAad,
  formNonce,
  type SplitFrame,
  splitFrame,
  unknownKey,
} from './steps.ts';
import type { Suite } from './suites.ts';

/** As `FrameKey`, for drivers that answer later. */
export interface AsyncFrameKey {
  readonly kid: bigint;
  readonly suite: Suite;
  readonly salt: Bytes;
  readonly aead: AsyncAead;
}

/** RFC 9605 section 4.4.2. */
export const deriveKeyAndSaltAsync = async (
  driver: AsyncDriver,
  suite: Suite,
  kid: bigint,
  baseKey: Bytes,
): Promise<KeyAndSalt> => {
  const derive = (label: Bytes, size: number) =>
    driver.hkdf(suite.hash, baseKey, new Uint8Array(0), label, size);
  const [key, salt] = await Promise.all([
    derive(keyLabel(suite, kid), suite.keyBytes),
    derive(saltLabel(suite, kid), suite.nonceBytes),
  ]);
  return { key, salt };
};

export const deriveFrameKeyAsync = async (
  driver: AsyncDriver,
  suite: Suite,
  kid: bigint,
  baseKey: Bytes,
): Promise<AsyncFrameKey> => {
  const { key, salt } = await deriveKeyAndSaltAsync(driver, suite, kid, baseKey);
  return { kid, suite, salt, aead: await driver.aead(suite, key) };
};

const NOTHING = new Uint8Array();

/**
 * RFC 9605 section 4.4.3, with `before` in front of it, so that a wire frame is copied once. The caller owns the counter,
 * and takes the next one before this settles.
 */
export const encryptFrameAsync = async (
  key: AsyncFrameKey,
  { ctr, metadata, plaintext }: FrameToSeal,
  before: Bytes = NOTHING,
): Promise<Bytes> => {
  const header = encodeHeader(key.kid, ctr);
  const sealed = await key.aead.seal(formNonce(key.salt, ctr), formAad(header, metadata), plaintext);
  return concatBytes(before, header, sealed);
};

/** As `openSplitFrame`. */
export const openSplitFrameAsync = async (
  key: AsyncFrameKey,
  { header: { kid, ctr }, sealed }: SplitFrame,
  metadata: Bytes,
): Promise<Bytes | undefined> => {
  if (sealed.length < key.suite.tagBytes) return undefined;
  const aad = formAad(encodeHeader(kid, ctr), metadata);
  return key.aead.open(formNonce(key.salt, ctr), aad, sealed);
};

/** RFC 9605 section 4.4.4, as `decryptFrame`. */
export const decryptFrameAsync = async (
  keyOf: (kid: bigint) => AsyncFrameKey | undefined,
  metadata: Bytes,
  ciphertext: Bytes,
): Promise<Result<DecryptedFrame, FrameRefusal>> => {
  const split = splitFrame(ciphertext, 0);
  if (!split.ok) return split;
  const key = keyOf(split.value.header.kid);
  if (key === undefined) return unknownKey;
  return decrypted(split.value.header, await openSplitFrameAsync(key, split.value, metadata));
};
