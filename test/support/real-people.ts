import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameOf, publicMinistry } from '../../bench/people/ministry.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { convene } from '../../src/client/convene/convene.ts';
import type { MeetingLink } from '../../src/client/link.ts';
import type { Enrolled } from '../../src/client/people/enrolled.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { newSeenLists } from './certified-world.ts';
import type { HandedDevice } from './handed-device.ts';
import type { Ministry, Official } from './ministry.ts';
import { granted, person } from './people.ts';

/** As many as one of these may bring into its meetings. */
const MAX_PEOPLE = 64;
/** Whoever is there is led by somebody. */
const MAX_DEPUTIES = 16;
const CONVENER = 'convener';

/** An authority of this process, on the real clock, and people with devices: for a relay that judges them by the folder. */
export class RealPeople {
  /** What the relay is started with. */
  readonly folders: { readonly people: string; readonly stateDir: string };
  readonly #home: string;
  readonly #ministry: Ministry;
  readonly #convener: Official;
  #count = 0;

  private constructor(home: string, ministry: Ministry, convener: Official) {
    this.#home = home;
    this.folders = { people: join(home, 'public'), stateDir: join(home, 'relay') };
    this.#ministry = ministry;
    this.#convener = convener;
  }

  static async open(): Promise<RealPeople> {
    const home = mkdtempSync(join(tmpdir(), 'belfry-people-'));
    const nowUnixMs = Date.now();
    const ministry = await publicMinistry(join(home, 'public'), nowUnixMs);
    return new RealPeople(home, ministry, await ministry.official(CONVENER, { atUnixMs: nowUnixMs }));
  }

  /** The first who is made from now on has the chair, and the next ones follow; all come in at once. */
  async convene(origin: string): Promise<MeetingLink> {
    const persons = Array.from({ length: MAX_PEOPLE }, (_, i) => person(nameOf(this.#count + i)));
    const surroundings = { openSocket: openWebSocket, clock: systemClock, randomBytes: secureRandomBytes };
    const device = this.#enrolled(this.#convener);
    const plan = {
      level: 'confidential',
      groups: [],
      persons,
      chair: persons[0],
      deputies: persons.slice(1, 1 + MAX_DEPUTIES),
    };
    return granted(await convene({ origin, device, ...surroundings }, { ...plan, suite: 'x25519' }));
  }

  /** Of a person of its own. */
  async device(): Promise<Enrolled> {
    return this.#enrolled(await this.#ministry.official(nameOf(this.#count++), { atUnixMs: Date.now() }));
  }

  /** The same as text, for whoever lives in a page. */
  async handed(): Promise<HandedDevice> {
    const pair = await newKeyPair(true);
    const named = nameOf(this.#count++);
    const { signer, clearance } = await this.#ministry.official(named, { pair, atUnixMs: Date.now() });
    const { root } = this.#ministry.people;
    const [privateKey, publicKey] = await Promise.all(
      [pair.privateKey, pair.publicKey].map((key) => crypto.subtle.exportKey('jwk', key)),
    );
    return {
      rootPem: root.pem,
      scale: this.#ministry.scale,
      certificate: signer.certificate,
      clearance,
      privateKey: privateKey ?? {},
      publicKey: publicKey ?? {},
    };
  }

  end(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  #enrolled({ signer: { certificate, signing }, clearance }: Official): Enrolled {
    const { people, scale } = this.#ministry;
    return { root: people.root, scale, certificate, signing, clearance, lists: newSeenLists() };
  }
}
