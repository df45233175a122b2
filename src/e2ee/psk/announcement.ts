import { type Bytes, fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import type { MeetingId } from '../../base/ids.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { MAX_SENDER_NUMBER } from '../../framing/kid.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { nobleDriver } from '../sframe/noble.ts';
import {
  announcementAad,
  announcementKey,
  type JoinIdentity,
  PSK_SUITE,
  SALT_BYTES,
  senderKey,
} from './join-keys.ts';
import { MAX_NAME_BYTES, packName, unpackName } from './name.ts';
import { MEETING_SECRET_BYTES } from './secret.ts';

/*
 * Entry by a secret that a whole meeting shares. The relay, which has none of it, can read no name and can make, change
 * or renumber no roster entry. What this does not give: every holder of the secret can announce itself under any name
 * and derive everybody's keys, so the group is authenticated and not the person; and a relay that recorded an earlier
 * join of the same meeting and secret can show that join and its frames again to somebody who was not there. One secret
 * serves one meeting for that reason.
 */

/** What a participant says of itself to the others. Strings are unpadded base64url. */
export interface JoinAnnouncement {
  readonly salt: string;
  readonly number: number;
  readonly sealed: string;
}

export interface JoinDetails {
  /** 32 bytes, shared by everybody in the meeting, never seen by the relay. */
  readonly secret: Bytes;
  readonly meeting: MeetingId;
  /** 0 to 2^20 - 1, the relay refuses one that is taken. */
  readonly number: number;
  /** At most 64 bytes of UTF-8. */
  readonly name: string;
  /** The salt is drawn inside: one salt must never serve two announcements. */
  readonly random: RandomBytes;
  /** Some 0.1 ms with the portable one, which is the default. */
  readonly driver?: SyncDriver;
}

/** `baseKey`: what the sender hands to `FrameKeys.useOwnKey`, together with its number. */
export interface OwnJoin {
  readonly announcement: JoinAnnouncement;
  readonly baseKey: Bytes;
}

/** The key is of this one announcement (its salt is new), so the one nonce under it may be zero. */
const onlyNonce = (): Uint8Array<ArrayBuffer> => new Uint8Array(PSK_SUITE.nonceBytes);

const sealName = (driver: SyncDriver, join: JoinIdentity, packed: Bytes): Bytes => {
  const sealed = driver.allocate(packed.length + PSK_SUITE.tagBytes);
  const aead = driver.aead(PSK_SUITE, announcementKey(driver, join));
  aead.seal(onlyNonce(), announcementAad(join), packed, sealed, 0);
  return sealed;
};

/** Throws for what only a bug can hand over. */
const checkDetails = ({ secret, number }: JoinDetails): void => {
  const isNumber = Number.isInteger(number) && number >= 0 && number <= MAX_SENDER_NUMBER;
  if (isNumber && secret.length === MEETING_SECRET_BYTES) return;
  throw new BelfryError('bug.join', `sender number ${number} with a secret of ${secret.length} bytes`);
};

/** Announces one new join: each call is another one, with a key of its own. Refuses `name.impossible`. */
export const createAnnouncement = (details: JoinDetails): Result<OwnJoin> => {
  checkDetails(details);
  const { secret, meeting, number, driver = nobleDriver } = details;
  const packed = packName(details.name);
  if (packed === undefined) {
    return refuse(
      'name.impossible',
      `a name is text of at most ${MAX_NAME_BYTES} bytes`,
      'choose a shorter name',
    );
  }
  const join = { secret, meeting, number, salt: details.random(SALT_BYTES) };
  const sealed = toBase64Url(sealName(driver, join, packed));
  const announcement = { salt: toBase64Url(join.salt), number, sealed };
  return ok({ announcement, baseKey: senderKey(driver, join) });
};

export interface ReceivedAnnouncement {
  readonly secret: Bytes;
  readonly meeting: MeetingId;
  readonly announcement: JoinAnnouncement;
  readonly driver?: SyncDriver;
}

/** `baseKey`: for `FrameKeys.addSender`, together with the announcement's number. */
export interface OpenedJoin {
  readonly name: string;
  readonly baseKey: Bytes;
}

const malformed = refuse('announcement.malformed', 'salt or seal of the announcement have no possible form');
const notAuthentic = refuse(
  'announcement.not-authentic',
  'somebody without the secret of the meeting made or changed the announcement',
  'check that everybody joined by the same link',
);

const SEALED_BYTES = 1 + MAX_NAME_BYTES + PSK_SUITE.tagBytes;

const openName = (driver: SyncDriver, join: JoinIdentity, sealed: Bytes): string | undefined => {
  const aead = driver.aead(PSK_SUITE, announcementKey(driver, join));
  const packed = aead.open(onlyNonce(), announcementAad(join), sealed);
  return packed === undefined ? undefined : unpackName(packed);
};

/** Opens what the relay passed on. Only what this returns may enter a roster. */
export const openAnnouncement = (received: ReceivedAnnouncement): Result<OpenedJoin> => {
  const { secret, meeting, announcement, driver = nobleDriver } = received;
  const salt = fromBase64Url(announcement.salt);
  const sealed = fromBase64Url(announcement.sealed);
  if (salt?.length !== SALT_BYTES || sealed?.length !== SEALED_BYTES) return malformed;
  const join = { secret, meeting, number: announcement.number, salt };
  const name = openName(driver, join, sealed);
  return name === undefined ? notAuthentic : ok({ name, baseKey: senderKey(driver, join) });
};
