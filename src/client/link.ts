import { type Bytes, fromBase64Url, fromHex, toBase64Url, toHex } from '../base/bytes.ts';
import { asId, isId, type MeetingId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { MEETING_SECRET_BYTES } from '../e2ee/psk/secret.ts';
import { readCode } from '../trust/devices/codes.ts';
import { titleText } from '../trust/hall/title.ts';
import { digestText, type StatementDigest } from '../trust/statement/statement.ts';

/** What leads into a meeting. `secret`, `code` and `title` never leave the client in clear. */
export interface MeetingLink {
  /** Scheme, host and port of the server, as in `https://relay.example:8443`. */
  readonly origin: string;
  readonly meeting: MeetingId;
  /** Absent: the meeting is entered by certificate. */
  readonly token?: string;
  /** Of a meeting that is entered by certificate: two charters of one meeting are told apart. */
  readonly charter?: StatementDigest;
  /** With a token: shared by everybody in the meeting. With a charter nothing of a link can be used again. */
  readonly secret?: Bytes;
  /** With a charter: SHA-256 of the root of its authority for people, which an enrolment is checked against. */
  readonly root?: Bytes;
  /** For whose device is not enrolled yet: a code that serves once. */
  readonly code?: string;
  /** For the chair: what the meeting is to be called. */
  readonly title?: string;
}

/** Longer texts are no link of ours; a token has at most 2,048 characters. */
const MAX_LINK_LENGTH = 4096;
const ROOT_BYTES = 32;
const TOKEN_PATTERN = /^[A-Za-z0-9._~-]{1,2048}$/;
/** One spelling of each: `fromHex` takes capitals as well. */
const HEX_PATTERN = /^[0-9a-f]{64}$/;
const CODE_PATTERN = /^[0-9A-Za-z-]{1,32}$/;
const REMEDY = 'copy the whole link, with everything after the #';

/** Everything but the origin is in the fragment, which browsers never send to a server. */
export const formatLink = (link: MeetingLink): string => {
  const { origin, meeting } = link;
  return `${origin}/#meeting=${meeting}&${link.charter === undefined ? byToken(link) : byCharter(link)}`;
};

const byToken = ({ token, secret = new Uint8Array() }: MeetingLink): string =>
  `token=${token}&secret=${toBase64Url(secret)}`;

const byCharter = ({ charter, root, code, title }: MeetingLink): string =>
  `charter=${charter}` +
  (root ? `&root=${toHex(root)}` : '') +
  (code ? `&code=${code}` : '') +
  (title ? `&title=${encodeURIComponent(title)}` : '');

/**
 * Exactly what `formatLink` writes. Refusals, whose words never repeat any part of the link: `link.not-a-url`,
 * `link.wrong-origin`, `link.incomplete`, `link.wrong-secret`, `link.wrong-root`, `link.wrong-code`, `link.wrong-title`.
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

type Rest = Omit<MeetingLink, 'origin' | 'meeting'>;

/** What admits, by its field's name, and what follows it. */
const ENTRIES: Readonly<Record<string, (text: string, more: readonly string[]) => Result<Rest>>> = {
  token: (token, more) => (TOKEN_PATTERN.test(token) ? withSecret(token, more) : DAMAGED),
  charter: (text, more) => (digestText.safeParse(text).success ? withPeople(asId(text), more) : DAMAGED),
};

const parseFragment = (origin: string, fragment: string): Result<MeetingLink> => {
  const [meetingPart = '', entryPart = '', ...more] = fragment.split('&');
  const meeting = fieldOf(meetingPart, 'meeting');
  const kind = Object.keys(ENTRIES).find((name) => fieldOf(entryPart, name) !== undefined);
  const entry = kind === undefined ? undefined : ENTRIES[kind];
  if (meeting === undefined || kind === undefined || entry === undefined)
    return refuse('link.incomplete', 'the link lacks its meeting, token or charter', REMEDY);
  if (!isId(meeting)) return DAMAGED;
  const rest = entry(fieldOf(entryPart, kind) ?? '', more);
  return rest.ok ? ok({ origin, meeting: asId<MeetingId>(meeting), ...rest.value }) : rest;
};

const DAMAGED = refuse('link.incomplete', 'the meeting, token or charter of the link is damaged', REMEDY);
const TOO_LONG = refuse('link.incomplete', 'the link goes on after its end', REMEDY);

const withSecret = (token: string, [secretPart = '', ...more]: readonly string[]): Result<Rest> => {
  const text = fieldOf(secretPart, 'secret');
  if (text === undefined) return refuse('link.incomplete', 'the link lacks its secret', REMEDY);
  if (more.length > 0) return TOO_LONG;
  const secret = fromBase64Url(text);
  return secret?.length === MEETING_SECRET_BYTES
    ? ok({ token, secret })
    : refuse('link.wrong-secret', 'the secret of the link is damaged', REMEDY);
};

/** Its fields, in this order: a link has one form. */
const withPeople = (charter: StatementDigest, [rootPart = '', ...parts]: readonly string[]): Result<Rest> => {
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
  return ok({ charter, root, ...code, ...(title === undefined ? {} : { title }) });
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

/** Where the link's server takes sockets. Holds neither token nor secret. */
export const socketUrl = ({ origin }: Pick<MeetingLink, 'origin'>): string =>
  `${origin.replace(/^http/, 'ws')}/v1/meet`;

/** As it may be kept and passed on: the code serves once, for one person. */
export const withoutCode = ({ code: _, ...link }: MeetingLink): MeetingLink => link;
