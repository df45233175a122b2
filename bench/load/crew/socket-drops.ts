import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One UDP socket of this machine, as a line of /proc/net/udp tells (proc(5)). */
export interface UdpSocketLine {
  readonly port: number;
  readonly inode: string;
  readonly drops: number;
}

/** Lines of another form are skipped. */
export const parseSockets = (text: string): UdpSocketLine[] =>
  text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const [, local = '', , , , , , , , inode = ''] = words;
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    const drops = Number(words.at(-1));
    return words.length >= 13 && Number.isInteger(port) && /^\d+$/.test(inode)
      ? [{ port, inode, drops }]
      : [];
  });

const ownInodes = (): ReadonlySet<string> => {
  const inodes = new Set<string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes;
};

const tables = (): string =>
  ['udp', 'udp6'].map((name) => readFileSync(`/proc/net/${name}`, 'utf8')).join('\n');

export interface Drops {
  /** At sockets that this process reads. */
  readonly read: number;
  /** At those of ghosts: what they received. */
  readonly ghosts: number;
}

/** What the kernel dropped at this process's sockets since the last look; what a socket dropped after the last look before its end is missed. */
export class SocketDrops {
  readonly #known = new Map<string, number>();

  take(ghostPorts: ReadonlySet<number>): Drops {
    const own = ownInodes();
    const sums = { read: 0, ghosts: 0 };
    const sockets = parseSockets(tables()).filter(({ inode }) => own.has(inode));
    for (const { inode, port, drops } of sockets) {
      sums[ghostPorts.has(port) ? 'ghosts' : 'read'] += drops - (this.#known.get(inode) ?? 0);
      this.#known.set(inode, drops);
    }
    return sums;
  }
}
