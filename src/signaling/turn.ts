import { createHmac } from 'node:crypto';
import { toBase64Url } from '../base/bytes.ts';
import type { Clock, RandomBytes } from '../base/clock.ts';
import type { IceServer } from '../base/media.ts';

/** The deployment's own TURN server and the secret that it shares with the relay (coturn's `use-auth-secret`). */
export interface TurnServers {
  /** As in base/turn-url.ts, the best first. */
  readonly urls: readonly string[];
  readonly secret: string;
}

/**
 * From the making of a transport to the last allocation that its client makes, at an ICE restart. Longer, and whoever
 * copied one could use the server for longer; shorter, and long meetings would lose a restart and build their media anew.
 */
export const TURN_CREDENTIAL_VALID_MS = 12 * 3_600_000;
/** Enough never to meet twice. */
const USER_BYTES = 9;

/**
 * Credentials that end by themselves: the user name is the time at which they end, in Unix seconds, and random text; the
 * password is the server's secret's HMAC-SHA1 of it, in base64. Each is new, and names neither person nor meeting: what
 * the TURN server logs joins nothing.
 */
export const turnMinter =
  ({ urls, secret }: TurnServers, { clock, randomBytes }: { clock: Clock; randomBytes: RandomBytes }) =>
  (): readonly IceServer[] => {
    const endsUnixS = Math.floor((clock.unixMs() + TURN_CREDENTIAL_VALID_MS) / 1_000);
    const username = `${endsUnixS}:${toBase64Url(randomBytes(USER_BYTES))}`;
    return [{ urls, username, credential: createHmac('sha1', secret).update(username).digest('base64') }];
  };
