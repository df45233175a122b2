import type { HttpCode } from '../protocol/codes.ts';
import { SUBPROTOCOL } from '../protocol/messages.ts';

export const MEET_PATH = '/v1/meet';

export interface UpgradeRequest {
  readonly path: string;
  /** It came by TLS. */
  readonly secure: boolean;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The header Sec-WebSocket-Protocol: names, separated by commas. */
  readonly subprotocols: string | undefined;
}

/** Why a request may not become a websocket; the handshake's own form is left to ws. */
export const judgeUpgrade = (request: UpgradeRequest): HttpCode | undefined => {
  if (request.path !== MEET_PATH) return 'http.not-found';
  if (!isSameOrigin(request)) return 'http.origin';
  return offers(request.subprotocols) ? undefined : 'http.subprotocol';
};

/**
 * Browsers let any page open a websocket to any host, and say which page it was: only pages of this server may. Other
 * programs send no origin and hold no session of a user that a page could misuse. By TLS the page must have come by TLS,
 * else whoever can forge plain HTTP of this host could use its socket.
 */
export const isSameOrigin = ({
  origin,
  host,
  secure,
}: Pick<UpgradeRequest, 'origin' | 'host' | 'secure'>): boolean => {
  if (origin === undefined) return true;
  const page = URL.parse(origin);
  return page !== null && page.host === host?.toLowerCase() && (!secure || page.protocol === 'https:');
};

const offers = (subprotocols = ''): boolean =>
  subprotocols.split(',').some((name) => name.trim() === SUBPROTOCOL);
