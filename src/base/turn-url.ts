/** One way to a TURN server, by address alone: nothing of it is ever looked up. */
export interface TurnServer {
  /** Between client and server; `tls` runs over TCP. */
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly address: string;
  readonly port: number;
}

/** RFC 7065 section 3.1 with an address where it allows a name, and no more than is written here. */
const TURN_URL =
  /^(turns?):(\[[0-9a-f:.]{2,45}\]|[0-9.]{7,15})(?::([0-9]{1,5}))?(?:\?transport=(udp|tcp))?$/i;
/** RFC 8656 section 18. */
const DEFAULT_PORTS = { turn: 3478, turns: 5349 } as const;
/** Below 1,024 browsers connect to no other. */
const LOW_PORTS: ReadonlySet<number> = new Set([53, 80, 443]);
const FIRST_HIGH_PORT = 1_024;
const LAST_PORT = 65_535;

/** `undefined` where `text` is no TURN URL, names a host, or names what browsers refuse (TURN over DTLS, most low ports). */
export const parseTurnUrl = (text: string): TurnServer | undefined => {
  const [, scheme = '', host = '', portText, transportText] = TURN_URL.exec(text.toLowerCase()) ?? [];
  const address = literalOf(host);
  if (address === undefined) return undefined;
  const isSecure = scheme === 'turns';
  const port = portText === undefined ? DEFAULT_PORTS[isSecure ? 'turns' : 'turn'] : Number(portText);
  if (!isUsablePort(port) || (isSecure && transportText === 'udp')) return undefined;
  return { transport: isSecure ? 'tls' : transportText === 'tcp' ? 'tcp' : 'udp', address, port };
};

/** The one text for each server: what `parseTurnUrl` understood is what everybody after it reads. */
export const turnUrlOf = ({ transport, address, port }: TurnServer): string => {
  const host = address.includes(':') ? `[${address}]` : address;
  return transport === 'tls'
    ? `turns:${host}:${port}?transport=tcp`
    : `turn:${host}:${port}?transport=${transport}`;
};

/** URL parsers read `1.2` and `01.2.3.4` as addresses too: only what comes out as it went in is taken. */
const literalOf = (host: string): string | undefined => {
  const read = URL.parse(`http://${host}`)?.hostname;
  if (host.startsWith('[')) return read?.slice(1, -1);
  return read === host && host !== '' ? host : undefined;
};

const isUsablePort = (port: number): boolean =>
  LOW_PORTS.has(port) || (port >= FIRST_HIGH_PORT && port <= LAST_PORT);
