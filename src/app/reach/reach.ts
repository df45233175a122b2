import { BelfryError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { isLoopback } from '../../signaling/http/loopback.ts';
import { canonicalIp } from '../../trust/hosts/ip.ts';
import type { HostNames } from '../../trust/hosts/permitted.ts';
import type { OwnAddress } from './interfaces.ts';

/** Who can reach the relay, and by which addresses. */
export interface Reach {
  readonly secure: boolean;
  /** Where signaling listens. */
  readonly host: string;
  /** What clients are told, the best first. */
  readonly announced: readonly string[];
  readonly mediaAddresses: readonly string[];
  /** What goes into links: a name or an address. */
  readonly publicHost: string;
  /** What the certificate vouches for. */
  readonly hosts: HostNames;
}

/** Each costs two sockets in every media worker, and a candidate that every client tries. */
const MAX_DETECTED = 8;
const WILDCARDS = new Set(['0.0.0.0', '::']);
/** Interfaces that lead to containers and virtual machines of this machine, not to a network of people. */
const VIRTUAL_DEVICE = /^(docker|br-|veth|virbr|vnet|cni|flannel|podman|lxc|lxd)/;
/** RFC 3927 and RFC 4291 section 2.5.6: they mean nothing without naming an interface. */
const isLinkLocal = (address: string): boolean => /^(169\.254\.|fe[89ab])/i.test(address);

export const DETECTION_RULE = 'all addresses but loopback, link-local, and those of container bridges';

export const isLan = ({ lan, host }: Pick<Settings, 'lan' | 'host'>): boolean =>
  lan || (host !== undefined && !isLoopback(host));

/** See `DETECTION_RULE`; at most `MAX_DETECTED`. */
export const detectAddresses = (own: readonly OwnAddress[]): readonly string[] =>
  own
    .filter(
      ({ device, address }) => !VIRTUAL_DEVICE.test(device) && !isLoopback(address) && !isLinkLocal(address),
    )
    .map(({ address }) => address)
    .slice(0, MAX_DETECTED);

/** Throws `reach.address` where clients would be told none that they can use. */
export const reachOf = (settings: Settings, own: readonly OwnAddress[]): Reach => {
  const loopback = loopbackOf(own);
  if (!isLan(settings)) return loopbackReach(settings, loopback);
  const announced = announcedOf(settings, own);
  const [first = ''] = announced;
  const names = settings.publicName === undefined ? [] : [settings.publicName];
  const media = settings.mediaAddresses.length > 0 ? settings.mediaAddresses : [...announced, ...loopback];
  return {
    secure: true,
    host: settings.host ?? anyHost(own),
    announced,
    mediaAddresses: [...new Set(media)],
    publicHost: settings.publicName ?? first,
    hosts: { addresses: [...new Set([...announced, ...loopback])], names },
  };
};

const loopbackReach = (settings: Settings, loopback: readonly string[]): Reach => {
  const host = settings.host ?? '127.0.0.1';
  return {
    secure: false,
    host,
    announced: [host],
    mediaAddresses: settings.mediaAddresses.length > 0 ? settings.mediaAddresses : loopback,
    publicHost: host,
    hosts: { addresses: [], names: [] },
  };
};

const loopbackOf = (own: readonly OwnAddress[]): readonly string[] =>
  own.some(({ address }) => address === '::1') ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

/** `::` takes IPv4 as well, unless the machine has no IPv6 at all. */
const anyHost = (own: readonly OwnAddress[]): string =>
  own.some(({ address }) => address.includes(':')) ? '::' : '0.0.0.0';

const announcedOf = ({ announce, host }: Settings, own: readonly OwnAddress[]): readonly string[] => {
  const wildcard = announce.find((address) => WILDCARDS.has(address));
  if (wildcard !== undefined)
    throw new BelfryError('reach.address', `clients cannot be told to go to ${wildcard}`, {
      remedy: 'announce the addresses themselves',
    });
  if (announce.length > 0) return announce.map(canonicalIp);
  if (host !== undefined && !WILDCARDS.has(host)) return [canonicalIp(host)];
  const detected = detectAddresses(own);
  if (detected.length > 0) return detected;
  throw new BelfryError('reach.address', 'this machine has no address on a network', {
    remedy: `connect it, or name its address with --announce (by default: ${DETECTION_RULE})`,
  });
};
