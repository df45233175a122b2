import { type Bytes, equalBytes, fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';
import { asId, isId, type MeetingId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';

/** What a token grants: entry to one meeting until a time. It names nobody. */
export interface Grant {
  readonly meeting: MeetingId;
  readonly expiresUnixMs: number;
}

/** HMAC-SHA256 under the server's token key (RFC 2104): 32 bytes. Handed in, so that judging stays pure. */
export type Mac = (message: Bytes) => Bytes;

/** For logs and metrics only: a client hears `entry.refused`, whatever the reason. */
export type EntryRefusal = Refusal<
  'token.malformed' | 'token.not-authentic' | 'token.expired' | 'token.other-meeting'
>;

/** First part of the signed text: a key used elsewhere too cannot be made to sign a token of this form. */
const VERSION = 'belfry-entry-1';

/** `belfry-entry-1.<meeting>.<expiry in Unix ms>.<MAC of all before, base64url>`; ids hold no dots. */
export const writeToken = (mac: Mac, grant: Grant): string => {
  const signed = `${VERSION}.${grant.meeting}.${grant.expiresUnixMs}`;
  return `${signed}.${toBase64Url(mac(utf8(signed)))}`;
};

/** Whether `token` admits to `meeting` now. The signature is judged first: nothing unsigned is looked at beyond its form. */
export const judgeToken = (
  mac: Mac,
  token: string,
  meeting: MeetingId,
  nowUnixMs: number,
): Result<Grant, EntryRefusal> => {
  const parts = splitToken(token);
  if (parts === undefined) return refuse('token.malformed', 'not a token');
  if (!equalBytes(mac(utf8(parts.signed)), parts.tag))
    return refuse('token.not-authentic', 'signed by another key or altered');
  if (nowUnixMs >= parts.grant.expiresUnixMs) return refuse('token.expired', 'no longer valid');
  if (parts.grant.meeting !== meeting) return refuse('token.other-meeting', 'for another meeting');
  return ok(parts.grant);
};

interface TokenParts {
  readonly signed: string;
  readonly grant: Grant;
  readonly tag: Bytes;
}

const splitToken = (token: string): TokenParts | undefined => {
  const [version, meeting = '', expiry = '', tagText = '', ...rest] = token.split('.', 5);
  const tag = fromBase64Url(tagText);
  if (version !== VERSION || !isId(meeting) || rest.length > 0) return undefined;
  if (!/^[1-9][0-9]{0,14}$/.test(expiry) || tag === undefined) return undefined;
  const grant = { meeting: asId<MeetingId>(meeting), expiresUnixMs: Number(expiry) };
  return { signed: `${version}.${meeting}.${expiry}`, grant, tag };
};
