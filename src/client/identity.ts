import type { Bytes } from '../base/bytes.ts';
import type { RandomBytes } from '../base/clock.ts';
import { SENDER_NUMBER_BITS } from '../base/media.ts';
import { ok, type Result } from '../base/result.ts';
import { createAnnouncement } from '../e2ee/psk/announcement.ts';
import type { Announcement } from '../signaling/protocol/messages.ts';
import type { MeetingLink } from './link.ts';

/** Who this client is for one join: a rejoin draws everything anew, so that no key ever serves two joins. */
export interface Identity {
  readonly number: number;
  readonly announcement: Announcement;
  readonly baseKey: Bytes;
}

/** Refusals: those of `createAnnouncement` (a name that is too long). */
export const drawIdentity = (link: MeetingLink, name: string, random: RandomBytes): Result<Identity> => {
  const number = drawNumber(random);
  const { secret, meeting } = link;
  const own = createAnnouncement({ secret, meeting, number, name, random });
  return own.ok ? ok({ number, ...own.value }) : own;
};

const drawNumber = (random: RandomBytes): number => {
  const [a = 0, b = 0, c = 0] = random(3);
  return ((a << 16) | (b << 8) | c) & (2 ** SENDER_NUMBER_BITS - 1);
};
