import { networkInterfaces } from 'node:os';

/** One address of this machine. */
export interface OwnAddress {
  /** The interface's name. */
  readonly device: string;
  readonly address: string;
}

/** Every address of every interface that is up, IPv4 first. */
export const ownAddresses = (): readonly OwnAddress[] => {
  const all = Object.entries(networkInterfaces()).flatMap(([device, list = []]) =>
    list.map(({ address, family }) => ({ device, address, family })),
  );
  return [...all.filter(({ family }) => family === 'IPv4'), ...all.filter(({ family }) => family === 'IPv6')];
};
