import { spawnSync } from 'node:child_process';

/** Put before a command: it runs on that host. */
export type Host = readonly string[];

/** Machines on one switch, made of network namespaces: none has any other network. Each has one interface, `lan0`. */
export interface SwitchedHosts<Name extends string> {
  on(host: Name): Host;
  remove(): void;
}

const run = (command: string): boolean => {
  const [file = '', ...args] = command.split(' ');
  return spawnSync(file, args).status === 0;
};

/** `addresses`: of each host, with prefix lengths. `undefined` where this machine does not let us make namespaces. */
export const switchHosts = <Name extends string>(
  name: string,
  addresses: { readonly [N in Name]: readonly string[] },
): SwitchedHosts<Name> | undefined => {
  const names = Object.keys(addresses) as Name[];
  const namespaceOf = (host: string) => `belfry-${name}-${process.pid}-${host}`;
  const middle = namespaceOf('switch');
  const remove = () => {
    for (const namespace of [middle, ...names.map(namespaceOf)]) run(`ip netns del ${namespace}`);
  };
  const commandsFor = (host: Name, i: number): string[] => {
    const own = namespaceOf(host);
    const add = (address: string) =>
      `ip -n ${own} addr add ${address} dev lan0${address.includes(':') ? ' nodad' : ''}`;
    return [
      `ip netns add ${own}`,
      `ip -n ${own} link add lan0 type veth peer name port${i} netns ${middle}`,
      `ip -n ${middle} link set port${i} master switch up`,
      `ip -n ${own} link set lo up`,
      `ip -n ${own} link set lan0 up`,
      ...addresses[host].map(add),
    ];
  };
  const made = [
    `ip netns add ${middle}`,
    `ip -n ${middle} link add switch type bridge`,
    `ip -n ${middle} link set switch up`,
    ...names.flatMap(commandsFor),
  ].every(run);
  if (!made) {
    remove();
    return undefined;
  }
  return { on: (host) => ['ip', 'netns', 'exec', namespaceOf(host)], remove };
};
