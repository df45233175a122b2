import { type Bytes, fromBase64Url, toBase64Url } from '../base/bytes.ts';
import { asId, isId, type MeetingId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { MEETING_SECRET_BYTES } from '../e2ee/psk/secret.ts';
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
}

/** Longer texts are no link of ours; a token has at most 2,048 characters. */
const MAX_LINK_LENGTH = 4096;
const TOKEN_PATTERN = /^[A-Za-z0-9._~-]{1,2048}$/;
const REMEDY = 'copy the whole link, with everything after the #';

/** Everything but the origin is in the fragment, which browsers never send to a server. */
export const formatLink = ({ origin, meeting, token, charter, secret }: MeetingLink): string => {
  const entry = charter === undefined ? `token=${token}` : `charter=${charter}`;
  return `${origin}/#meeting=${meeting}&${entry}&secret=${toBase64Url(secret)}`;
};

/**
 * Exactly what `formatLink` writes. Refusals, whose words never repeat any part of the link: `link.not-a-url`,
 * `link.wrong-origin`, `link.incomplete`, `link.wrong-secret`.
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
  if (more.length > 0 || meeting === undefined || kind === undefined || secretText === undefined)
    return refuse('link.incomplete', 'the link lacks its meeting, token or charter, or secret', REMEDY);
  const entry = ENTRIES[kind](fieldOf(entryPart, kind) ?? '');
  if (!isId(meeting) || entry === undefined)
    return refuse('link.incomplete', `the meeting or ${kind} of the link is damaged`, REMEDY);
  const secret = fromBase64Url(secretText);
  if (secret?.length !== MEETING_SECRET_BYTES)
    return refuse('link.wrong-secret', 'the secret of the link is damaged', REMEDY);
  return ok({ origin, meeting: asId<MeetingId>(meeting), ...entry, secret });
};

const fieldOf = (part: string, name: string): string | undefined =>
  part.startsWith(`${name}=`) ? part.slice(`${name}=`.length) : undefined;

/** Where the link's server takes sockets. Holds neither token nor secret. */
export const socketUrl = ({ origin }: Pick<MeetingLink, 'origin'>): string =>
  `${origin.replace(/^http/, 'ws')}/v1/meet`;
