/** Datagrams that the kernel dropped, by local port, as one of /proc/net/udp and /proc/net/udp6 tells. */
export type DropsByPort = ReadonlyMap<number, number>;

/**
 * Reads the text of /proc/net/udp or udp6 (proc(5)): the second column ends in the local port in hexadecimal, the last
 * one counts drops since the socket was made. Sockets on one port are summed; lines of another form are skipped.
 */
export function parseUdpDrops(text: string): DropsByPort {
  const drops = new Map<number, number>();
  for (const line of text.split('\n')) {
    const match = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) .* (\d+)\s*$/.exec(line);
    if (!match) continue;
    const port = Number.parseInt(match[1] ?? '', 16);
    drops.set(port, (drops.get(port) ?? 0) + Number(match[2]));
  }
  return drops;
}

/** One listening UDP socket of a worker. */
export interface UdpSocket {
  readonly family: 4 | 6;
  readonly port: number;
}

export interface UdpTables {
  readonly udp: DropsByPort;
  readonly udp6: DropsByPort;
}

/**
 * What was dropped at all of these sockets. A port tells the socket: two of a worker's own on one port, on different
 * addresses, are one entry of the table.
 */
export function dropsAt(sockets: readonly UdpSocket[], { udp, udp6 }: UdpTables): number {
  const ports = (family: 4 | 6) =>
    new Set(sockets.filter((one) => one.family === family).map(({ port }) => port));
  const sum = (wanted: ReadonlySet<number>, table: DropsByPort) =>
    [...wanted].reduce((total, port) => total + (table.get(port) ?? 0), 0);
  return sum(ports(4), udp) + sum(ports(6), udp6);
}
