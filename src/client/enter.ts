import type { RandomBytes } from '../base/clock.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { ReplyOf } from '../signaling/protocol/messages.ts';
import { drawIdentity, type Identity } from './identity.ts';
import type { MeetingLink } from './link.ts';
import type { Ask } from './media-session.ts';
import { type Bearer, type EnteredByCertificate, enterByCertificate } from './people/enter-by-certificate.ts';

/** Of 2^20 numbers even 2,000 people take a five-hundredth: so many misses in a row are no accident. */
const MAX_DRAWS = 8;

export interface Entered {
  readonly identity: Identity;
  readonly reply: ReplyOf<'join'>;
  /** Of whoever entered with a device: what is to be checked before anything of the reply is believed. */
  readonly certified: EnteredByCertificate | undefined;
}

type Answer = Omit<Entered, 'identity'>;

/** Enters under a fresh number, salt and key; draws all of them anew where the number is taken. */
export const enterMeeting = async (
  ask: Ask,
  link: MeetingLink,
  name: string,
  random: RandomBytes,
  bearer?: Bearer,
): Promise<Result<Entered>> => {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const identity = drawIdentity(link, name, random);
    if (!identity.ok) return identity;
    const answer = await (bearer === undefined
      ? joinByToken(ask, link, identity.value)
      : enterWith(ask, link, identity.value, bearer));
    if (answer.ok) return ok({ identity: identity.value, ...answer.value });
    if (answer.refusal.code !== 'join.number-taken') return answer;
  }
  return refuse('join.number-taken', `${MAX_DRAWS} random sender numbers in a row were taken`);
};

const joinByToken = async (
  ask: Ask,
  { meeting, token }: MeetingLink,
  { announcement }: Identity,
): Promise<Result<Answer>> => {
  if (token === undefined)
    return refuse(
      'enter.no-device',
      'this meeting is entered with the certificate of a device',
      'enrol this device first',
    );
  const reply = await ask('join', { meeting, token, announcement });
  return reply.ok ? ok({ reply: reply.value, certified: undefined }) : reply;
};

const enterWith = async (
  ask: Ask,
  { meeting }: MeetingLink,
  { announcement }: Identity,
  bearer: Bearer,
): Promise<Result<Answer>> => {
  const certified = await enterByCertificate(ask, bearer, meeting, announcement);
  return certified.ok ? ok({ reply: certified.value.reply, certified: certified.value }) : certified;
};
