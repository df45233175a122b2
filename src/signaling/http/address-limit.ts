import { isIPv6 } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/** `count` in any `seconds` that begin with an address's first request. */
export interface AddressRate {
  readonly count: number;
  readonly seconds: number;
}

/** One address has so much of all at most: an office is one address too, and so is whoever floods. */
const SHARE_OF_ONE = 0.5;

export const shareOfOne = (max: number): number => Math.ceil(max * SHARE_OF_ONE);

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/** Of IPv6 the network counts: its 2^64 addresses are one host's to choose from. */
export const sourceOf = (address: string): string => {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  return expand(address).slice(0, 4).join(':');
};

const expand = (address: string): string[] => {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  if (tail === undefined) return groups(head);
  const missing = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...groups(tail)];
};

/** How often one address may ask. What was counted is forgotten with its time. */
export class AddressLimit {
  readonly #limiter: RateLimiterMemory;

  constructor({ count, seconds }: AddressRate) {
    this.#limiter = new RateLimiterMemory({ points: count, duration: seconds });
  }

  async admits(address: string): Promise<boolean> {
    try {
      await this.#limiter.consume(sourceOf(address));
      return true;
    } catch {
      return false;
    }
  }
}
