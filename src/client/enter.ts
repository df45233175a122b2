import type { RandomBytes } from '../base/clock.ts';
import type { MeetingId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Announcement } from '../signaling/protocol/messages.ts';
import { nameText } from '../trust/hall/card.ts';
import { drawAnnouncement } from './announcement.ts';
import type { Ask } from './media-session.ts';
import { type Bearer, type EnteredByCertificate, enterByCertificate } from './people/enter-by-certificate.ts';

/** Of 2^20 numbers even 2,000 people take a five-hundredth: so many misses in a row are no accident. */
const MAX_DRAWS = 8;

/** Nothing of it is to be believed before it was checked. */
export interface Entered extends EnteredByCertificate {
  readonly announcement: Announcement;
}

/**
 * Enters under a fresh number and salt; draws both anew where the number is taken. Refusal: `name.impossible`, for one that is too
 * long or cannot be shown.
 */
export const enterMeeting = async (
  ask: Ask,
  meeting: MeetingId,
  name: string,
  random: RandomBytes,
  bearer: Bearer,
): Promise<Result<Entered>> => {
  if (!canBeShown(name)) return IMPOSSIBLE;
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const announcement = drawAnnouncement(random);
    const entered = await enterByCertificate(ask, bearer, meeting, announcement);
    if (entered.ok) return ok({ announcement, ...entered.value });
    if (entered.refusal.code !== 'join.number-taken') return entered;
  }
  return refuse('join.number-taken', `${MAX_DRAWS} random sender numbers in a row were taken`);
};

/** A name is said to whoever is in the group, later; without one the certificate speaks alone. */
const canBeShown = (name: string): boolean => name === '' || nameText.safeParse(name).success;

const IMPOSSIBLE = refuse('name.impossible', 'a name is text of at most 64 bytes', 'choose a shorter name');
