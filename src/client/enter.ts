import type { RandomBytes } from '../base/clock.ts';
import { type Result, refuse } from '../base/result.ts';
import type { ReplyOf } from '../signaling/protocol/messages.ts';
import { drawIdentity, type Identity } from './identity.ts';
import type { MeetingLink } from './link.ts';
import type { Ask } from './media-session.ts';

/** Of 2^20 numbers even 2,000 people take a five-hundredth: so many misses in a row are no accident. */
const MAX_DRAWS = 8;

export interface Entered {
  readonly identity: Identity;
  readonly reply: ReplyOf<'join'>;
}

/** Joins under a fresh number, salt and key; draws all of them anew where the number is taken. */
export const enterMeeting = async (
  ask: Ask,
  link: MeetingLink,
  name: string,
  random: RandomBytes,
): Promise<Result<Entered>> => {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const identity = drawIdentity(link, name, random);
    if (!identity.ok) return identity;
    const { meeting, token } = link;
    const reply = await ask('join', { meeting, token, announcement: identity.value.announcement });
    if (reply.ok) return { ok: true, value: { identity: identity.value, reply: reply.value } };
    if (reply.refusal.code !== 'join.number-taken') return reply;
  }
  return refuse('join.number-taken', `${MAX_DRAWS} random sender numbers in a row were taken`);
};
