import { networkInterfaces } from 'node:os';
import type { Settings } from '../config/settings.ts';

/** The addresses that media arrives at: the ones set, or loopback in each IP version that this machine has. */
export const mediaAddressesOf = (settings: Settings): readonly string[] => {
  if (settings.mediaAddresses.length > 0) return settings.mediaAddresses;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some(({ address }) => address === '::1') ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
};
