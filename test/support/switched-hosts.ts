import { addAddress, addNamespace, type Host, inNamespace, run, settles } from './namespaces.ts';

/** Machines on one switch, made of network namespaces: none has any other network. Each has one interface, `lan0`. */
export interface SwitchedHosts<Name extends string> {
  on(host: Name): Host;
  remove(): void;
}

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
    return [
      ...addNamespace(own),
      `ip -n ${own} link add lan0 type veth peer name port${i} netns ${middle}`,
      `ip -n ${middle} link set port${i} master switch up`,
      `ip -n ${own} link set lan0 up`,
      ...addresses[host].map((address) => addAddress(own, address)),
    ];
  };
  const made = [
    `ip netns add ${middle}`,
    `ip -n ${middle} link add switch type bridge`,
    `ip -n ${middle} link set switch up`,
    ...names.flatMap(commandsFor),
  ].every(run);
  if (made && names.map(namespaceOf).every(settles))
    return { on: (host) => inNamespace(namespaceOf(host)), remove };
  remove();
  return undefined;
};
