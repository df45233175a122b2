import { readFile } from 'node:fs/promises';
import { parseUdpDrops, type UdpTables } from './socket-drops.ts';

/** The kernel's tables of UDP sockets, of this network namespace; `undefined` where there are none to read. */
export async function readUdpTables(): Promise<UdpTables | undefined> {
  const read = async (name: string) => parseUdpDrops(await readFile(`/proc/net/${name}`, 'utf8'));
  try {
    const [udp, udp6] = await Promise.all([read('udp'), read('udp6').catch(() => new Map())]);
    return { udp, udp6 };
  } catch {
    return undefined;
  }
}
