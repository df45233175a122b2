import { toBase64Url, utf8 } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { Enrolled, SeenLists } from '../../src/client/people/enrolled.ts';
import type { FetchList } from '../../src/client/people/fetch-list.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { CHARTER, type Charter } from '../../src/trust/charter/charter.ts';
import type { DeviceNames } from '../../src/trust/devices/ids.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { CLEARANCE, type Clearance } from '../../src/trust/markings/clearance.ts';
import type { Scale } from '../../src/trust/markings/scale.ts';
import {
  LIST_VALID_MS,
  REVOCATION,
  type RevocationList,
  type SeenList,
} from '../../src/trust/revocation/list.ts';
import type { SigningKey } from '../../src/trust/signing/keys.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import type { StatementKind } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { watchCrypto } from './crypto-in-flight.ts';
import { type ClientOptions, type FakeClient, FakeWorld } from './fake-meeting.ts';
import { ALICE, device, makePeople, NOW, type People, person, type Signer } from './people.ts';

export const BOB: DeviceNames = { person: person('bob'), device: device('bob-1') };
export const CAROL: DeviceNames = { person: person('carol'), device: device('carol-1') };

const named = (id: string) => ({ id, names: { en: id } });
const SCALE: Scale = {
  scale: 'sample',
  languages: ['en'],
  levels: ['low', 'middle', 'high'].map((id) => ({ ...named(id), marking: id.toUpperCase() })),
  groups: ['north', 'south'].map(named),
};
const meetingId = (byte: number) => asId<MeetingId>(toBase64Url(new Uint8Array(16).fill(byte)));
export const MEETING = meetingId(7);
export const OTHER_MEETING = meetingId(8);

/** Who signs it need not be in it. */
const CHARTER_OF_CAROL: Charter = {
  meeting: MEETING,
  convener: CAROL.device,
  marking: { scale: 'sample', level: 'middle', groups: ['north'] },
  suite: 'x-wing',
  admission: { kind: 'roster', persons: [BOB.person, ALICE.person] },
  chair: BOB.person,
  deputies: [],
  opensByItself: true,
  grants: ['microphone', 'camera'],
};

const vouch = async <T>(
  { certificate, signing }: { readonly certificate: string; readonly signing: SigningKey },
  kind: StatementKind<T>,
  value: NoInfer<T>,
): Promise<Vouched> => ({ certificate, statement: await signStatement(kind, value, signing) });

/** As a device's store keeps it. */
export const newSeenLists = (): SeenLists & { seen: SeenList | undefined } => ({
  seen: undefined,
  async last() {
    return this.seen;
  },
  async see(seen) {
    this.seen = seen;
  },
});

export type TestDevice = Enrolled & Signer & { readonly lists: { readonly seen: SeenList | undefined } };

/** A meeting with a charter at a server in memory, and the authority that vouches for its people. */
export class CertifiedWorld {
  net = new FakeWorld(NOW);
  readonly people: People;
  readonly #revocation: Signer;
  readonly #clearance: Signer;
  /** What the server answers to whoever asks for the list. */
  answer: () => Promise<Uint8Array<ArrayBuffer>> = () => Promise.reject(new Error('none yet'));

  constructor(people: People, revocation: Signer, clearance: Signer) {
    this.people = people;
    this.#revocation = revocation;
    this.#clearance = clearance;
  }

  /** The same authority at a server where nobody is. */
  renew(): void {
    this.net = new FakeWorld(NOW);
  }

  readonly fetchList: FetchList = () => this.answer();

  list(fields: Partial<RevocationList> = {}, by: Signer = this.#revocation): Promise<Vouched> {
    const sets = { persons: [], devices: [], clearances: [] };
    const issuedUnixMs = NOW - DAY_MS;
    const list = { number: 1, issuedUnixMs, untilUnixMs: issuedUnixMs + LIST_VALID_MS, ...sets, ...fields };
    return vouch(by, REVOCATION, list);
  }

  serve(list: Vouched): void {
    const bytes = utf8(JSON.stringify(list));
    this.answer = async () => bytes;
  }

  async publish(fields: Partial<RevocationList>): Promise<void> {
    this.serve(await this.list(fields));
    this.net.server.toAll({ kind: 'list-published', number: fields.number ?? 1 });
  }

  clear(names: DeviceNames, fields: Partial<Clearance> = {}, by: Signer = this.#clearance): Promise<Vouched> {
    const label = { scale: 'sample', level: 'middle', groups: ['north'] };
    const term = { fromUnixMs: NOW, untilUnixMs: NOW + 100 * DAY_MS };
    return vouch(by, CLEARANCE, { person: names.person, label, ...term, ...fields });
  }

  get clearanceOffice(): Signer {
    return this.#clearance;
  }

  get revocationOffice(): Signer {
    return this.#revocation;
  }

  charter(fields: Partial<Charter>, by: Signer): Promise<Vouched> {
    return vouch(by, CHARTER, { ...CHARTER_OF_CAROL, ...fields });
  }

  async device(names: DeviceNames, clearance: Partial<Clearance> = {}): Promise<TestDevice> {
    const signer = await this.people.device(names);
    const { root } = this.people;
    return {
      ...signer,
      root,
      scale: SCALE,
      clearance: await this.clear(names, clearance),
      lists: newSeenLists(),
    };
  }

  tryToEnter(name: string, who: Enrolled, link: ClientOptions['link'] = {}) {
    const { fetchList } = this;
    return this.net.tryToJoin(name, { device: who, fetchList, link: { meeting: MEETING, ...link } });
  }

  enter(name: string, who: Enrolled): Promise<FakeClient> {
    const { fetchList } = this;
    return this.net.join(name, { device: who, fetchList, link: { meeting: MEETING } });
  }
}

export const makeCertifiedWorld = async (): Promise<CertifiedWorld> => {
  const people = await makePeople();
  const world = new CertifiedWorld(
    people,
    await people.office('revocation'),
    await people.office('clearance'),
  );
  world.serve(await world.list());
  return world;
};

/** Whom the meeting of `gather` takes. */
const MAX_GATHERED = 16;
const gatheredName = (i: number): DeviceNames => ({
  person: person(`person-${i}`),
  device: device(`device-${i}`),
});

/** A server where whoever joins is enrolled by then: each name is a person, who needs nobody's word to come in. */
export const gather = async (): Promise<FakeWorld> => {
  watchCrypto();
  const world = await makeCertifiedWorld();
  const { net, fetchList } = world;
  const names = new Map<string, Promise<TestDevice>>();
  const persons = Array.from({ length: MAX_GATHERED }, (_, i) => gatheredName(i).person);
  const [chair = CAROL.person] = persons;
  const admission = { kind: 'roster' as const, persons };
  net.server.charter = await world.charter({ admission, chair }, await world.device(CAROL));
  net.enrol = async (name) => {
    const made = names.get(name) ?? world.device(gatheredName(names.size));
    names.set(name, made);
    return { device: await made, fetchList, link: { meeting: MEETING } };
  };
  return net;
};

/** Settles when the meeting's state is so; where that never comes, the test's time limit ends it. */
export const stateWhere = ({ meeting }: FakeClient, holds: (state: MeetingState) => boolean): Promise<void> =>
  new Promise((resolve) => {
    if (holds(meeting.state)) resolve();
    const stop = meeting.onChange((state) => {
      if (!holds(state)) return;
      stop();
      resolve();
    });
  });
