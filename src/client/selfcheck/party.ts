import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import { ok, type Result } from '../../base/result.ts';
import { type CastTools, enrolHere } from '../cast/enrol-cast.ts';
import { meeting as meetingOrder } from '../cast/order.ts';
import type { OpenSocket } from '../connection/socket.ts';
import { convene } from '../convene/convene.ts';
import { linkOf } from '../invite/invitation.ts';
import type { MeetingLink } from '../link.ts';
import type { CheckedPerson } from './run.ts';

export interface Party {
  readonly link: MeetingLink;
  readonly people: readonly CheckedPerson[];
  readonly fourth?: CheckedPerson;
}

export interface PartyTools extends CastTools {
  readonly openSocket: OpenSocket;
  readonly randomBytes: RandomBytes;
}

const NAMES = ['Anna', 'Bert', 'Chloé'] as const;

/**
 * Who meets where: three people without certificates where the text is a link or an invitation, else those whom it says to enrol,
 * in a meeting that the first of them convenes. Throws a coded error where the authority or the relay refuses that.
 */
export const partyOf = async (text: string, tools: PartyTools): Promise<Result<Party>> => {
  const order = meetingOrder.safeParse(jsonOf(text));
  if (order.success) return ok(await enrolledParty(order.data, tools));
  const link = linkOf(text, tools.randomBytes);
  return link.ok ? ok({ link: link.value, people: NAMES.map((name) => ({ name })) }) : link;
};

const enrolledParty = async (
  { cast, fourth, plan, ...place }: ReturnType<typeof meetingOrder.parse>,
  tools: PartyTools,
): Promise<Party> => {
  const enrolled = async ({ name, code }: (typeof cast)[number]) => ({
    name,
    device: await enrolHere(place, code, tools),
  });
  const [people, comesLater] = await Promise.all([Promise.all(cast.map(enrolled)), enrolled(fourth)]);
  const [first] = people;
  if (first === undefined) throw new BelfryError('selfcheck.nobody', 'nobody was to be enrolled');
  const options = { origin: place.origin, device: first.device, ...tools };
  const link = await convene(options, { ...plan, chair: plan.chair });
  if (!link.ok) throw BelfryError.from(link.refusal);
  return { link: link.value, people, fourth: comesLater };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
