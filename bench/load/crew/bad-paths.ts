import { isIPv4 } from 'node:net';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { IceCandidate } from '../../../src/base/rtp.ts';
import { type ImpairedPath, openImpairedPath } from '../impair/impaired-path.ts';
import type { LaneCounts } from '../impair/lane.ts';
import type { Impairments, Way } from '../impair/lanes.ts';
import type { LoadMedia } from './enter.ts';

const LOOPBACK = '127.0.0.1';
export const NO_PACKETS: LaneCounts = { packets: 0, lost: 0, overflowed: 0, unheld: 0 };

export const sumOf = (a: LaneCounts, b: LaneCounts): LaneCounts => ({
  packets: a.packets + b.packets,
  lost: a.lost + b.lost,
  overflowed: a.overflowed + b.overflowed,
  unheld: a.unheld + b.unheld,
});

/** The impaired paths of one participant: one in front of each UDP port of the relay that it is offered. */
export class BadPaths {
  readonly #paths = new Map<string, Promise<ImpairedPath>>();
  readonly #open: ImpairedPath[] = [];
  readonly #seed: number;
  #impairments: Impairments;

  constructor(impairments: Impairments, seed: number) {
    this.#impairments = impairments;
    this.#seed = seed;
  }

  impair(impairments: Impairments): void {
    this.#impairments = impairments;
    for (const path of this.#open) path.impair(impairments, this.#seed);
  }

  /** Since `impair` was called last. */
  counts(way: Way): LaneCounts {
    return this.#open.map((path) => path.counts(way)).reduce(sumOf, NO_PACKETS);
  }

  close(): void {
    for (const path of this.#open.splice(0)) path.close();
    this.#paths.clear();
  }

  /** The media as it is, but that all of it goes over these paths: TCP would go around them, and is not offered. */
  around(media: LoadMedia): LoadMedia {
    const paths = this;
    return new Proxy(media, {
      get(target, name) {
        if (name === 'openTransport') return openTransport;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    async function openTransport(...[direction, offer, connect]: Parameters<LoadMedia['openTransport']>) {
      await media.openTransport(direction, await paths.#rerouted(offer), connect);
    }
  }

  async #rerouted(offer: TransportOffer): Promise<TransportOffer> {
    const direct = offer.iceCandidates.filter(
      ({ protocol, address }) => protocol === 'udp' && isIPv4(address),
    );
    const iceCandidates = await Promise.all(direct.map((one) => this.#throughPath(one)));
    return { ...offer, iceCandidates };
  }

  async #throughPath(candidate: IceCandidate): Promise<IceCandidate> {
    const { port } = await this.#pathTo(candidate);
    return { ...candidate, address: LOOPBACK, port };
  }

  #pathTo({ address, port }: IceCandidate): Promise<ImpairedPath> {
    const name = `${address}:${port}`;
    const known = this.#paths.get(name);
    if (known !== undefined) return known;
    const opening = openImpairedPath(port, address).then((path) => {
      path.impair(this.#impairments, this.#seed);
      this.#open.push(path);
      return path;
    });
    this.#paths.set(name, opening);
    return opening;
  }
}
