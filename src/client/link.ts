import { type Bytes, fromHex, toHex } from '../base/bytes.ts';
import { asId, isId, type MeetingId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { readCode } from '../trust/devices/codes.ts';
import { titleText } from '../trust/hall/title.ts';
import { digestText, type StatementDigest } from '../trust/statement/statement.ts';

/** What leads a device that is enrolled into a meeting. */
export interface EntryLink {
  /** Scheme, host and port of the server, as in `https://relay.example:8443`. */
  readonly origin: string;
  readonly meeting: MeetingId;
  /** By its digest: two charters of one meeting are told apart. */
  readonly charter: StatementDigest;
  /** For the chair: what the meeting is to be called. Never leaves the client in clear. */
  readonly title?: string;
}

/** What leads into a meeting. Nothing of it can be used again: it holds no key, and a code serves once. */
export interface MeetingLink extends EntryLink {
  /** SHA-256 of the root of the meeting's authority for people, which an enrolment is checked against. */
  readonly root: Bytes;
  /** For whose device is not enrolled yet. Never leaves the client in clear. */
  readonly code?: string;
}

/** Longer texts are no link of ours. */
const MAX_LINK_LENGTH = 4096;
const ROOT_BYTES = 32;
/** One spelling of each: `fromHex` takes capitals as well. */
const HEX_PATTERN = /^[0-9a-f]{64}$/;
const CODE_PATTERN = /^[0-9A-Za-z-]{1,32}$/;
const REMEDY = 'copy the whole link, with everything after the #';

/** Everything but the origin is in the fragment, which browsers never send to a server. */
export const formatLink = ({ origin, meeting, charter, root, code, title }: MeetingLink): string =>
  `${origin}/#meeting=${meeting}&charter=${charter}&root=${toHex(root)}` +
  (code ? `&code=${code}` : '') +
  (title ? `&title=${encodeURIComponent(title)}` : '');

/**
 * Exactly what `formatLink` writes. Refusals, whose words never repeat any part of the link: `link.not-a-url`,
 * `link.wrong-origin`, `link.incomplete`, `link.wrong-root`, `link.wrong-code`, `link.wrong-title`.
 */
export const parseLink = (text: string): Result<MeetingLink> => {
  if (text.length > MAX_LINK_LENGTH)
    return refuse('link.not-a-url', 'this is too long for a meeting link', REMEDY);
  const url = URL.parse(text.trim());
  if (url === null) return refuse('link.not-a-url', 'this is not a link', REMEDY);
  if (!isPlainOrigin(url))
    return refuse(
      'link.wrong-origin',
      'a meeting link is http(s)://host/ and then a # with the rest',
      REMEDY,
    );
  return parseFragment(url.origin, url.hash.slice(1));
};

const isPlainOrigin = (url: URL): boolean =>
  (url.protocol === 'http:' || url.protocol === 'https:') &&
  url.pathname === '/' &&
  url.search === '' &&
  url.username === '' &&
  url.password === '';

const parseFragment = (origin: string, fragment: string): Result<MeetingLink> => {
  const [meetingPart = '', charterPart = '', ...more] = fragment.split('&');
  const [meeting, charter] = [fieldOf(meetingPart, 'meeting'), fieldOf(charterPart, 'charter')];
  if (meeting === undefined || charter === undefined)
    return refuse('link.incomplete', 'the link lacks its meeting or charter', REMEDY);
  if (!isId(meeting) || !digestText.safeParse(charter).success) return DAMAGED;
  const rest = restOf(more);
  const [id, digest] = [asId<MeetingId>(meeting), asId<StatementDigest>(charter)];
  return rest.ok ? ok({ origin, meeting: id, charter: digest, ...rest.value }) : rest;
};

const DAMAGED = refuse('link.incomplete', 'the meeting or charter of the link is damaged', REMEDY);
const TOO_LONG = refuse('link.incomplete', 'the link goes on after its end', REMEDY);

type Rest = Omit<MeetingLink, 'origin' | 'meeting' | 'charter'>;

/** Its fields, in this order: a link has one form. */
const restOf = ([rootPart = '', ...parts]: readonly string[]): Result<Rest> => {
  const rootText = fieldOf(rootPart, 'root');
  if (rootText === undefined)
    return refuse('link.incomplete', 'the link lacks the root of its authority', REMEDY);
  const root = HEX_PATTERN.test(rootText) ? fromHex(rootText) : undefined;
  if (root?.length !== ROOT_BYTES)
    return refuse('link.wrong-root', 'the root of the link is damaged', REMEDY);
  const [codeText, afterCode] = taken(parts, 'code');
  const [spelled, more] = taken(afterCode, 'title');
  if (more.length > 0) return TOO_LONG;
  if (codeText !== undefined && !isCode(codeText))
    return refuse('link.wrong-code', 'the enrolment code of the link is damaged', REMEDY);
  const title = spelled === undefined ? undefined : titleIn(spelled);
  if (spelled !== undefined && title === undefined)
    return refuse('link.wrong-title', 'the title of the link is damaged', REMEDY);
  const code = codeText === undefined ? {} : { code: codeText };
  return ok({ root, ...code, ...(title === undefined ? {} : { title }) });
};

const isCode = (text: string): boolean => CODE_PATTERN.test(text) && readCode(text) !== undefined;

/** One spelling of each title. */
const titleIn = (text: string): string | undefined => {
  try {
    const title = titleText.parse(decodeURIComponent(text));
    return encodeURIComponent(title) === text ? title : undefined;
  } catch {
    return undefined;
  }
};

/** The field, if it comes first, and the rest. */
const taken = (parts: readonly string[], name: string): readonly [string | undefined, readonly string[]] => {
  const field = fieldOf(parts[0] ?? '', name);
  return field === undefined ? [undefined, parts] : [field, parts.slice(1)];
};

const fieldOf = (part: string, name: string): string | undefined =>
  part.startsWith(`${name}=`) ? part.slice(`${name}=`.length) : undefined;

/** Where the link's server takes sockets. */
export const socketUrl = ({ origin }: Pick<MeetingLink, 'origin'>): string =>
  `${origin.replace(/^http/, 'ws')}/v1/meet`;

/** As it may be kept and passed on: the code serves once, for one person. */
export const withoutCode = ({ code: _, ...link }: MeetingLink): MeetingLink => link;
