import { type Bytes, fromBase64Url, fromHex, toBase64Url, toHex } from '../base/bytes.ts';
import { asId, isId, type MeetingId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { MEETING_SECRET_BYTES } from '../e2ee/psk/secret.ts';
import { readCode } from '../trust/devices/codes.ts';
import { digestText, type StatementDigest } from '../trust/statement/statement.ts';

/** What leads into a meeting. `secret` never leaves the client: not to the server, not into a log. */
export interface MeetingLink {
  /** Scheme, host and port of the server, as in `https://relay.example:8443`. */
  readonly origin: string;
  readonly meeting: MeetingId;
  /** Absent: the meeting is entered by certificate. */
  readonly token?: string;
  /** Of a meeting that is entered by certificate: two charters of one meeting are told apart. */
  readonly charter?: StatementDigest;
  readonly secret: Bytes;
  /** With a charter: SHA-256 of the root of its authority for people, which an enrolment is checked against. */
  readonly root?: Bytes;
  /** For whose device is not enrolled yet: a code that serves once. */
  readonly code?: string;
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
export const formatLink = ({ origin, meeting, token, charter, secret, root, code }: MeetingLink): string => {
  const entry = charter === undefined ? `token=${token}` : `charter=${charter}`;
  const people = (root ? `&root=${toHex(root)}` : '') + (code ? `&code=${code}` : '');
  return `${origin}/#meeting=${meeting}&${entry}&secret=${toBase64Url(secret)}${people}`;
};

/**
 * Exactly what `formatLink` writes. Refusals, whose words never repeat any part of the link: `link.not-a-url`,
 * `link.wrong-origin`, `link.incomplete`, `link.wrong-secret`, `link.wrong-root`, `link.wrong-code`.
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

/** What admits, by the field's name: each text of it that can be one. */
const ENTRIES = {
  token: (text) => (TOKEN_PATTERN.test(text) ? { token: text } : undefined),
  charter: (text) =>
    digestText.safeParse(text).success ? { charter: asId<StatementDigest>(text) } : undefined,
} as const satisfies Record<string, (text: string) => Pick<MeetingLink, 'token' | 'charter'> | undefined>;

const parseFragment = (origin: string, fragment: string): Result<MeetingLink> => {
  const [meetingPart = '', entryPart = '', secretPart = '', ...more] = fragment.split('&');
  const [meeting, secretText] = [fieldOf(meetingPart, 'meeting'), fieldOf(secretPart, 'secret')];
  const kind = (['token', 'charter'] as const).find((name) => fieldOf(entryPart, name) !== undefined);
  if (meeting === undefined || kind === undefined || secretText === undefined)
    return refuse('link.incomplete', 'the link lacks its meeting, token or charter, or secret', REMEDY);
  const entry = ENTRIES[kind](fieldOf(entryPart, kind) ?? '');
  if (!isId(meeting) || entry === undefined)
    return refuse('link.incomplete', `the meeting or ${kind} of the link is damaged`, REMEDY);
  const secret = fromBase64Url(secretText);
  if (secret?.length !== MEETING_SECRET_BYTES)
    return refuse('link.wrong-secret', 'the secret of the link is damaged', REMEDY);
  const people = PEOPLE[kind](more);
  if (!people.ok) return people;
  return ok({ origin, meeting: asId<MeetingId>(meeting), ...entry, secret, ...people.value });
};

type PeopleFields = Pick<MeetingLink, 'root' | 'code'>;

const noPeople = (parts: readonly string[]): Result<PeopleFields> =>
  parts.length === 0 ? ok({}) : refuse('link.incomplete', 'the link goes on after its end', REMEDY);

const parsePeople = ([rootPart = '', codePart, ...more]: readonly string[]): Result<PeopleFields> => {
  const rootText = fieldOf(rootPart, 'root');
  if (rootText === undefined || more.length > 0)
    return refuse('link.incomplete', 'the link lacks the root of its authority', REMEDY);
  const root = HEX_PATTERN.test(rootText) ? fromHex(rootText) : undefined;
  if (root?.length !== ROOT_BYTES)
    return refuse('link.wrong-root', 'the root of the link is damaged', REMEDY);
  if (codePart === undefined) return ok({ root });
  const code = fieldOf(codePart, 'code');
  return code !== undefined && CODE_PATTERN.test(code) && readCode(code) !== undefined
    ? ok({ root, code })
    : refuse('link.wrong-code', 'the enrolment code of the link is damaged', REMEDY);
};

/** What follows the secret. */
const PEOPLE = { token: noPeople, charter: parsePeople } as const;

const fieldOf = (part: string, name: string): string | undefined =>
  part.startsWith(`${name}=`) ? part.slice(`${name}=`.length) : undefined;

/** Where the link's server takes sockets. Holds neither token nor secret. */
export const socketUrl = ({ origin }: Pick<MeetingLink, 'origin'>): string =>
  `${origin.replace(/^http/, 'ws')}/v1/meet`;

/** As it may be kept and passed on: the code serves once, for one person. */
export const withoutCode = ({ code: _, ...link }: MeetingLink): MeetingLink => link;
