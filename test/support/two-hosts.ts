import { addAddress, addNamespace, inNamespace, run, settles } from './namespaces.ts';

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

/** `undefined` where this machine does not let us make namespaces (not root, or no ip). `name` tells cables apart. */
export const connectHosts = (name: string, addresses: Addresses): TwoHosts | undefined => {
  const [relay, client] = [`belfry-${name}-${process.pid}-r`, `belfry-${name}-${process.pid}-c`];
  const remove = () => {
    for (const namespace of [relay, client]) run(`ip netns del ${namespace}`);
  };
  const made = [
    ...[relay, client].flatMap(addNamespace),
    `ip -n ${relay} link add lan0 type veth peer name lan0 netns ${client}`,
    ...[relay, client].map((one) => `ip -n ${one} link set lan0 up`),
    ...addresses.relay.map((address) => addAddress(relay, address)),
    ...addresses.client.map((address) => addAddress(client, address)),
  ].every(run);
  if (made && [relay, client].every(settles))
    return { relay: inNamespace(relay), client: inNamespace(client), remove };
  remove();
  return undefined;
};
