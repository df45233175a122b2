import { type Bytes, concatBytes, utf8 } from '../../base/bytes.ts';
import type { MeetingId } from '../../base/ids.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { hkdfExpand, hkdfExtract } from '../sframe/hkdf.ts';
import { DEFAULT_SUITE, SUITES } from '../sframe/suites.ts';

/** Of each join: 128 random bits do not come twice, and with them no key does. */
export const SALT_BYTES = 16;

/** Also seals the announcement, so all is of one strength. */
export const PSK_SUITE = SUITES[DEFAULT_SUITE];

/** What one join is known by: the secret, and what everybody may see. */
export interface JoinIdentity {
  readonly secret: Bytes;
  readonly meeting: MeetingId;
  readonly number: number;
  readonly salt: Bytes;
}

const NUMBER_BYTES = 4;

/** The number's size is fixed, so no two pairs have the same bytes. */
const meetingAndNumber = ({ meeting, number }: JoinIdentity): Uint8Array<ArrayBuffer> => {
  const suffix = new Uint8Array(NUMBER_BYTES);
  new DataView(suffix.buffer).setUint32(0, number);
  return concatBytes(utf8(meeting), suffix);
};

/** HKDF-SHA512 (RFC 5869) of the secret with the join's salt: one key per purpose, meeting, number and salt. */
const joinKey = (driver: SyncDriver, join: JoinIdentity, purpose: string): Bytes => {
  const { hash, keyBytes } = PSK_SUITE;
  const extracted = hkdfExtract(driver, hash, join.salt, join.secret);
  return hkdfExpand(driver, hash, extracted, concatBytes(utf8(purpose), meetingAndNumber(join)), keyBytes);
};

/** SFrame's base key of this join. */
export const senderKey = (driver: SyncDriver, join: JoinIdentity): Bytes =>
  joinKey(driver, join, 'belfry.v1 sender key');

/** Seals this join's announcement and nothing else, ever. */
export const announcementKey = (driver: SyncDriver, join: JoinIdentity): Bytes =>
  joinKey(driver, join, 'belfry.v1 announcement');

/** What the announcement authenticates beside the name. */
export const announcementAad = (join: JoinIdentity): Uint8Array<ArrayBuffer> =>
  concatBytes(meetingAndNumber(join), join.salt);
