import type { Bytes } from '../base/bytes.ts';
import { toBase64Url } from '../base/bytes.ts';
import type { RandomBytes } from '../base/clock.ts';
import { SENDER_NUMBER_BITS } from '../base/media.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { createAnnouncement } from '../e2ee/psk/announcement.ts';
import type { Announcement } from '../signaling/protocol/messages.ts';
import { nameText } from '../trust/hall/card.ts';
import type { MeetingLink } from './link.ts';

/** Public bits that tell two joins of one device apart: 128 random ones do not come twice. */
const SALT_BYTES = 16;

/** Who this client is for one join: a rejoin draws everything anew, so that no key ever serves two joins. */
export interface Identity {
  readonly number: number;
  readonly announcement: Announcement;
  /** In a meeting by link. */
  readonly baseKey?: Bytes;
}

/** Refusal: `name.impossible`, for one that is too long or cannot be shown. */
export const drawIdentity = (link: MeetingLink, name: string, random: RandomBytes): Result<Identity> => {
  const number = drawNumber(random);
  const { secret, meeting } = link;
  if (secret === undefined) return bare(number, name, random);
  const own = createAnnouncement({ secret, meeting, number, name, random });
  return own.ok ? ok({ number, ...own.value }) : own;
};

/** A name is said to whoever is in the group, later; without one the certificate speaks alone. */
const bare = (number: number, name: string, random: RandomBytes): Result<Identity> =>
  name === '' || nameText.safeParse(name).success
    ? ok({ number, announcement: { salt: toBase64Url(random(SALT_BYTES)), number } })
    : IMPOSSIBLE;

const drawNumber = (random: RandomBytes): number => {
  const [a = 0, b = 0, c = 0] = random(3);
  return ((a << 16) | (b << 8) | c) & (2 ** SENDER_NUMBER_BITS - 1);
};

const IMPOSSIBLE = refuse('name.impossible', 'a name is text of at most 64 bytes', 'choose a shorter name');
