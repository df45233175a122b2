import dns from 'node:dns';
import { isIP } from 'node:net';
import { bad, type Finding, good } from './finding.ts';

const LOOKUPS = ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveSrv'] as const;

/** Every name that this process asks for while `work` runs. Addresses pass through `dns.lookup` too, and are not names. */
export const namesLookedUp = async (work: () => Promise<void>): Promise<string[]> => {
  const names: string[] = [];
  const originals = LOOKUPS.map((name) => [name, dns[name]] as const);
  for (const [name, original] of originals) {
    const trap = (hostname: string, ...rest: unknown[]): unknown => {
      if (isIP(hostname) === 0) names.push(hostname);
      return Reflect.apply(original, dns, [hostname, ...rest]);
    };
    Object.defineProperty(dns, name, { value: trap, configurable: true, writable: true });
  }
  try {
    await work();
  } finally {
    for (const [name, original] of originals)
      Object.defineProperty(dns, name, { value: original, configurable: true, writable: true });
  }
  return names;
};

/** `startAndStop`: the whole relay, on free ports. */
export const checkNames = async (startAndStop: () => Promise<void>): Promise<Finding> => {
  const names = await namesLookedUp(startAndStop);
  return names.length === 0
    ? good('the relay started and stopped on free ports; no name was looked up')
    : bad(
        `names were looked up: ${[...new Set(names)].join(', ')}`,
        'report this: the relay must never do so',
      );
};
