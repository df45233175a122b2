import type { Bytes } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { type CastTools, enrolHere } from '../cast/enrol-cast.ts';
import { meeting as meetingOrder } from '../cast/order.ts';
import type { OpenSocket } from '../connection/socket.ts';
import { convene } from '../convene/convene.ts';
import { type MeetingLink, parseLink, withoutCode } from '../link.ts';
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
 * Who meets where: whom the text says to enrol, in a meeting that the first of them convenes; or whoever comes by the
 * links, each with a code, into a meeting that there is. Refusals: `selfcheck.links`, `selfcheck.no-code`, those of links.
 * Throws a coded error where the authority or the relay refuses.
 */
export const partyOf = async (text: string, tools: PartyTools): Promise<Result<Party>> => {
  const order = meetingOrder.safeParse(jsonOf(text));
  if (order.success) return ok(await enrolledParty(order.data, tools));
  const invited = invitedBy(text);
  return invited.ok ? ok(await invitedParty(invited.value, tools)) : invited;
};

/** A link that brings one device in. */
interface Invited {
  readonly link: MeetingLink;
  readonly root: Bytes;
  readonly code: string;
}

const invitedBy = (text: string): Result<Invited[]> => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const all: Invited[] = [];
  for (const line of lines) {
    const link = parseLink(line);
    if (!link.ok) return link;
    const { root, code } = link.value;
    if (code === undefined) return NO_CODE;
    all.push({ link: withoutCode(link.value), root, code });
  }
  const meetings = new Set(all.map(({ link }) => link.meeting));
  return all.length === NAMES.length && meetings.size === 1 ? ok(all) : WRONG_LINKS;
};

const invitedParty = async (all: readonly Invited[], tools: PartyTools): Promise<Party> => {
  const [first] = all;
  if (first === undefined) throw new BelfryError('selfcheck.nobody', 'nobody was invited');
  const people = all.map(async ({ link, root, code }, i) => ({
    name: NAMES[i] ?? `${i}`,
    device: await enrolHere({ origin: link.origin, rootSha256: root }, code, tools),
  }));
  return { link: first.link, people: await Promise.all(people) };
};

const WRONG_LINKS = refuse(
  'selfcheck.links',
  'three people check a meeting, each by a link of their own into the same one',
  'one link to a line, each with a code',
);
const NO_CODE = refuse(
  'selfcheck.no-code',
  'a link has no code: its device cannot be enrolled',
  'add &code= and the code that belfry ca enroll gave for one device',
);

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
