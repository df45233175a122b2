import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { shapeHeader, writeHeader } from '../../framing/sframe-header.ts';
import { deriveKeyAndSalt } from './derive.ts';
import type { Aead, SyncDriver } from './driver.ts';
import {
  type DecryptedFrame,
  decrypted,
  type FrameRefusal,
  type FrameToSeal,
  ReusedInputs,
  type SplitFrame,
  splitFrame,
  unknownKey,
} from './steps.ts';
import type { Suite } from './suites.ts';

/** What sealing and opening under one KID need, derived once. */
export interface FrameKey {
  readonly kid: bigint;
  readonly suite: Suite;
  readonly inputs: ReusedInputs;
  readonly aead: Aead;
  readonly driver: SyncDriver;
}

export const deriveFrameKey = (driver: SyncDriver, suite: Suite, kid: bigint, baseKey: Bytes): FrameKey => {
  const { key, salt } = deriveKeyAndSalt(driver, suite, kid, baseKey);
  return { kid, suite, inputs: new ReusedInputs(salt), aead: driver.aead(suite, key), driver };
};

/**
 * `header || ciphertext || tag` (RFC 9605 section 4.4.3), in memory from the driver that leaves `room` bytes free before
 * it: the caller fills them, so that a wire frame is put together without copying it.
 */
export const encryptFrame = (
  { kid, suite, inputs, aead, driver }: FrameKey,
  { ctr, metadata, plaintext }: FrameToSeal,
  room = 0,
): Bytes => {
  const header = shapeHeader(kid, ctr);
  const sealedAt = room + header.length;
  const out = driver.allocate(sealedAt + plaintext.length + suite.tagBytes);
  writeHeader(header, out, room);
  aead.seal(inputs.nonce(ctr), inputs.aad(header, metadata), plaintext, out, sealedAt);
  return out;
};

/** The plaintext, or `undefined` where it is not authentic; what cannot even hold a tag is not. */
export const openSplitFrame = (key: FrameKey, frame: SplitFrame, metadata: Bytes): Bytes | undefined => {
  if (frame.sealed.length < key.suite.tagBytes) return undefined;
  const { kid, ctr } = frame.header;
  const aad = key.inputs.aad(shapeHeader(kid, ctr), metadata);
  return key.aead.open(key.inputs.nonce(ctr), aad, frame.sealed);
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
