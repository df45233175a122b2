import { spawnSync } from 'node:child_process';

/** Two machines on one cable, made of network namespaces: neither has any other network. */
export interface TwoHosts {
  /** Put before a command: it runs on the machine whose addresses are `addresses.relay`. */
  readonly relay: readonly string[];
  readonly client: readonly string[];
  remove(): void;
}

interface Addresses {
  /** With prefix lengths, as `10.77.0.1/24`. */
  readonly relay: readonly string[];
  readonly client: readonly string[];
}

/**
 * Link-local addresses become usable a second after their link does; a browser that starts meanwhile drops what it loads
 * (`ERR_NETWORK_CHANGED`).
 */
const withoutDad = (namespace: string): string => {
  const settings = '/proc/sys/net/ipv6/conf/default';
  // Copies a 0: a shell's words cannot be put here.
  return `ip netns exec ${namespace} cp ${settings}/disable_ipv6 ${settings}/accept_dad`;
};

const run = (command: string): boolean => {
  const [file = '', ...args] = command.split(' ');
  return spawnSync(file, args).status === 0;
};

const inside = (namespace: string): readonly string[] => ['ip', 'netns', 'exec', namespace];

/** `undefined` where this machine does not let us make namespaces (not root, or no ip). `name` tells cables apart. */
export const connectHosts = (name: string, addresses: Addresses): TwoHosts | undefined => {
  const [relay, client] = [`belfry-${name}-${process.pid}-r`, `belfry-${name}-${process.pid}-c`];
  const remove = () => {
    for (const namespace of [relay, client]) run(`ip netns del ${namespace}`);
  };
  const addressesOf = (namespace: string, list: readonly string[]) =>
    list.map(
      (address) => `ip -n ${namespace} addr add ${address} dev lan0${address.includes(':') ? ' nodad' : ''}`,
    );
  const made = [
    `ip netns add ${relay}`,
    `ip netns add ${client}`,
    ...[relay, client].map(withoutDad),
    `ip -n ${relay} link add lan0 type veth peer name lan0 netns ${client}`,
    ...[relay, client].flatMap((one) => [`ip -n ${one} link set lo up`, `ip -n ${one} link set lan0 up`]),
    ...addressesOf(relay, addresses.relay),
    ...addressesOf(client, addresses.client),
  ].every(run);
  if (made) return { relay: inside(relay), client: inside(client), remove };
  remove();
  return undefined;
};
