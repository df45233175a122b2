import { type Bytes, toHex, utf8 } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import { MAX_SENDER_NUMBER } from '../../framing/kid.ts';
import type { SyncDriver } from '../sframe/driver.ts';

/** Below this a key is guessable, whatever the suite. */
const MIN_BASE_KEY_BYTES = 16;
const FINGERPRINT_BYTES = 16;

/** A base key as one sender's: a copy, so that nobody changes it from outside. */
export interface NumberedKey {
  readonly number: number;
  readonly baseKey: Bytes;
  /** Tells keys apart after they are gone, and gives nothing of them away. */
  readonly fingerprint: string;
}

/** The one thing that a fingerprint takes, also where the frames' cipher answers later. */
export type HmacDriver = Pick<SyncDriver, 'hmac'>;

/** Throws `bug.base-key` for a number or a key that no join can have. */
export const numberedKey = (driver: HmacDriver, number: number, baseKey: Bytes): NumberedKey => {
  const isNumber = Number.isInteger(number) && number >= 0 && number <= MAX_SENDER_NUMBER;
  if (!isNumber || baseKey.length < MIN_BASE_KEY_BYTES) {
    throw new BelfryError('bug.base-key', `sender number ${number} with a key of ${baseKey.length} bytes`);
  }
  const mac = driver.hmac('sha256', baseKey, utf8('belfry.v1 key fingerprint'));
  return { number, baseKey: baseKey.slice(), fingerprint: toHex(mac.subarray(0, FINGERPRINT_BYTES)) };
};
