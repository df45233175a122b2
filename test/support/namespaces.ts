import { spawnSync } from 'node:child_process';

/** Put before a command: it runs on that machine. */
export type Host = readonly string[];

export const inNamespace = (namespace: string): Host => ['ip', 'netns', 'exec', namespace];

export const run = (command: string): boolean => {
  const [file = '', ...args] = command.split(' ');
  return spawnSync(file, args).status === 0;
};

/** The commands that make a machine without any network. Its link-local addresses serve without their second of DAD. */
export const addNamespace = (namespace: string): string[] => {
  const settings = '/proc/sys/net/ipv6/conf/default';
  return [
    `ip netns add ${namespace}`,
    // Copies a 0: a shell's words cannot be put here.
    `ip netns exec ${namespace} cp ${settings}/disable_ipv6 ${settings}/accept_dad`,
    `ip -n ${namespace} link set lo up`,
  ];
};

export const addAddress = (namespace: string, address: string): string =>
  `ip -n ${namespace} addr add ${address} dev lan0${address.includes(':') ? ' nodad' : ''}`;

/** The kernel tells a link's carrier up to a second late. */
const SETTLES_WITHIN_MS = 10_000;

const linkLocalOf = (namespace: string): string =>
  spawnSync(
    'ip',
    ['-n', namespace, '-o', '-6', 'addr', 'show', 'dev', 'lan0', 'scope', 'link', '-tentative'],
    {
      encoding: 'utf8',
    },
  ).stdout;

/**
 * Waits until nothing more comes by itself to the network of `namespace`: a browser drops what it is loading when an address
 * comes (`ERR_NETWORK_CHANGED`).
 */
export const settles = (namespace: string): boolean => {
  const end = Date.now() + SETTLES_WITHIN_MS;
  while (!linkLocalOf(namespace).includes('inet6')) if (Date.now() > end) return false;
  return true;
};
