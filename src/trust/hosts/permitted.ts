import { ipBytes, ipRange, isInRange } from './ip.ts';

/** What a relay's certificate vouches for. */
export interface HostNames {
  /** IP addresses. */
  readonly addresses: readonly string[];
  /** Host names. */
  readonly names: readonly string[];
}

/** What an authority may vouch for at all: written into its root, and enforced by the devices that trust it. */
export interface Permitted {
  /** As in `10.0.0.0/8`. */
  readonly ranges: readonly string[];
  /** A name, and everything below it. */
  readonly domains: readonly string[];
}

/** Networks that are nobody's on the internet: RFC 1918, 3927, 6598, 4193, 4291, and loopback. */
const PRIVATE_RANGES = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
] as const;
/** Names that are nobody's on the internet: RFC 6762, 8375, and the one that ICANN reserved for such use. */
const PRIVATE_DOMAINS = ['local', 'internal', 'home.arpa'] as const;
/** The neighbourhood of an address outside of them, so that a renumbered machine needs no new root on every device. */
const NEIGHBOURHOOD_BITS = { ipv4: 24, ipv6: 64 } as const;

const isPermittedAddress = ({ ranges }: Permitted, address: string): boolean => {
  const bytes = ipBytes(address);
  return ranges.some((text) => {
    const range = ipRange(text);
    return bytes !== undefined && range !== undefined && isInRange(bytes, range);
  });
};

const isPermittedName = ({ domains }: Permitted, name: string): boolean =>
  domains.some((domain) => name === domain || name.endsWith(`.${domain}`));

const neighbourhoodOf = (address: string): string =>
  `${address}/${address.includes(':') ? NEIGHBOURHOOD_BITS.ipv6 : NEIGHBOURHOOD_BITS.ipv4}`;

/** Private networks and names, and what this deployment uses beside them. */
export const permittedFor = (hosts: HostNames): Permitted => {
  const base: Permitted = { ranges: PRIVATE_RANGES, domains: PRIVATE_DOMAINS };
  const { addresses, names } = outside(base, hosts);
  return {
    ranges: [...new Set([...base.ranges, ...addresses.map(neighbourhoodOf)])],
    domains: [...base.domains, ...names],
  };
};

/** Those of `hosts` that `permitted` does not cover. */
export const outside = (permitted: Permitted, { addresses, names }: HostNames): HostNames => ({
  addresses: addresses.filter((address) => !isPermittedAddress(permitted, address)),
  names: names.filter((name) => !isPermittedName(permitted, name)),
});
