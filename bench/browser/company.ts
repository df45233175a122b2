import { formatLink } from '../../src/client/link.ts';
import type { HandedDevice } from '../../test/support/handed-device.ts';
import { RealPeople } from '../../test/support/real-people.ts';
import { end, type Started, startProgram } from '../program.ts';

export type Links = readonly [string, string];

/** A relay with people of its own, and two meetings that know nothing of each other. */
export class Company {
  readonly origin: string;
  readonly links: Links;
  readonly #people: RealPeople;
  readonly #relay: Started;
  readonly #devices = new Map<string, Promise<HandedDevice>>();

  private constructor(people: RealPeople, relay: Started, links: Links) {
    this.#people = people;
    this.#relay = relay;
    this.origin = relay.found;
    this.links = links;
  }

  static async open(pages: string, options: readonly '--unwitnessed'[]): Promise<Company> {
    const people = await RealPeople.open();
    const { stateDir, people: folder } = people.folders;
    try {
      const args = [pages, stateDir, folder, ...options];
      const relay = await startProgram('bench/browser/relay.ts', args, /(http\S+)\n/);
      const convene = async () => formatLink(await people.convene(relay.found));
      return new Company(people, relay, [await convene(), await convene()]);
    } catch (error) {
      people.end();
      throw error;
    }
  }

  /** Who comes again has the same one, as people have. The first of all has the chair of both meetings. */
  deviceOf(name: string): Promise<HandedDevice> {
    const device = this.#devices.get(name) ?? this.#people.handed();
    this.#devices.set(name, device);
    return device;
  }

  async close(): Promise<void> {
    await end(this.#relay);
    this.#people.end();
  }
}
