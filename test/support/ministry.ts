import { toBase64Url } from '../../src/base/bytes.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import { asId } from '../../src/base/ids.ts';
import type { PeopleTrust, PublishedList } from '../../src/signaling/ports.ts';
import type { Announcement } from '../../src/signaling/protocol/messages.ts';
import { CHARTER, type Charter, DEFAULT_GRANTS } from '../../src/trust/charter/charter.ts';
import type { DeviceId, PersonId } from '../../src/trust/devices/ids.ts';
import { POSSESSION, type Possession } from '../../src/trust/devices/possession.ts';
import { PRESENCE } from '../../src/trust/devices/presence.ts';
import { DAY_MS } from '../../src/trust/hosts/validity.ts';
import { CLEARANCE } from '../../src/trust/markings/clearance.ts';
import { readScale, SCALE, type Scale } from '../../src/trust/markings/scale.ts';
import { judgeRevocation, REVOCATION, type RevocationList } from '../../src/trust/revocation/list.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import type { StatementKind } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { device, granted, makePeople, NOW, type People, person, randomBytes, type Signer } from './people.ts';
import { scaleWithGroups } from './people-folder.ts';

/** Somebody with a device, a certificate and a clearance. */
export interface Official {
  readonly person: PersonId;
  readonly device: DeviceId;
  readonly signer: Signer;
  readonly clearance: Vouched;
}

export const vouch = async <T>(
  signer: Signer,
  kind: StatementKind<T>,
  value: NoInfer<T>,
): Promise<Vouched> => ({
  certificate: signer.certificate,
  statement: await signStatement(kind, value, signer.signing),
});

interface Wanted {
  readonly level?: string;
  readonly groups?: readonly string[];
  readonly device?: string;
  /** When its certificate and clearance were issued. */
  readonly atUnixMs?: number;
  /** Absent: a new one, which cannot be taken out. */
  readonly pair?: CryptoKeyPair;
}

interface Offices {
  readonly clearance: Signer;
  readonly revocation: Signer;
}

/** An authority for people, its offices, and what its people hold. */
export class Ministry {
  readonly people: People;
  readonly scale: Scale = granted(readScale(scaleWithGroups().text));
  readonly #offices: Offices;
  readonly #nowUnixMs: number;
  #published: PublishedList | undefined;
  readonly #listeners = new Set<() => void>();
  /** Whom charters invite, unless they say otherwise. */
  readonly #officials = new Set<PersonId>();

  private constructor(people: People, offices: Offices, nowUnixMs: number) {
    this.people = people;
    this.#offices = offices;
    this.#nowUnixMs = nowUnixMs;
  }

  static async open(nowUnixMs = NOW): Promise<Ministry> {
    const people = await makePeople(nowUnixMs);
    const [clearance, revocation] = [await people.office('clearance'), await people.office('revocation')];
    const ministry = new Ministry(people, { clearance, revocation }, nowUnixMs);
    await ministry.publish({});
    return ministry;
  }

  readonly trust = (): PeopleTrust => ({
    root: this.people.root,
    scale: this.scale,
    list: () => this.#published,
    onList: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  });

  async official(
    name: string,
    { level = 'secret', groups = [], device: named, atUnixMs = this.#nowUnixMs, pair }: Wanted = {},
  ): Promise<Official> {
    const names = { person: person(name), device: device(named ?? `${name}-1`) };
    this.#officials.add(names.person);
    const signer = await this.people.device(names, 'ES256', atUnixMs, pair);
    return { ...names, signer, clearance: await this.clear(name, { level, groups, atUnixMs }) };
  }

  /** One of each name, cleared for the level beside it. */
  async officials<Name extends string>(
    levels: Readonly<Record<Name, string>>,
  ): Promise<Readonly<Record<Name, Official>>> {
    const made: Partial<Record<Name, Official>> = {};
    for (const name of Object.keys(levels) as Name[])
      made[name] = await this.official(name, { level: levels[name] });
    // Sound: it has one for each key.
    return made as Record<Name, Official>;
  }

  clear(
    name: string,
    { level = 'secret', groups = [], atUnixMs = this.#nowUnixMs }: Wanted = {},
  ): Promise<Vouched> {
    const label = { scale: this.scale.scale, level, groups: [...groups] };
    const [fromUnixMs, untilUnixMs] = [atUnixMs - DAY_MS, atUnixMs + 30 * DAY_MS];
    return vouch(this.#offices.clearance, CLEARANCE, {
      person: person(name),
      label,
      fromUnixMs,
      untilUnixMs,
    });
  }

  /** The next list; whoever listens hears of it. */
  async publish(change: Partial<RevocationList>, nowUnixMs = this.#nowUnixMs): Promise<PublishedList> {
    const number = (this.#published?.current.list.number ?? 0) + 1;
    const whole = { number, issuedUnixMs: nowUnixMs, untilUnixMs: nowUnixMs + 7 * DAY_MS };
    const list = { ...whole, persons: [], devices: [], clearances: [], ...change };
    const vouched = await vouch(this.#offices.revocation, REVOCATION, list);
    const judge = { root: this.people.root, nowUnixMs };
    const opened = granted(await openOfficeStatement(REVOCATION, 'revocation', vouched, judge));
    const current = granted(judgeRevocation(opened, this.#published?.current.seen, nowUnixMs));
    this.#published = { vouched, current };
    for (const listener of [...this.#listeners]) listener();
    return this.#published;
  }

  signedScale(): Promise<Vouched> {
    return vouch(this.#offices.clearance, SCALE, this.scale);
  }

  withdrawList(): void {
    this.#published = undefined;
  }

  charter(convener: Official, change: Partial<Charter> = {}): Charter {
    return {
      meeting: newMeetingId(),
      convener: convener.device,
      marking: { scale: this.scale.scale, level: 'confidential', groups: [] },
      suite: 'x-wing',
      admission: { kind: 'roster', persons: [...this.#officials] },
      chair: convener.person,
      deputies: [],
      opensByItself: true,
      grants: [...DEFAULT_GRANTS],
      ...change,
    };
  }

  sign(convener: Official, charter: Charter): Promise<Vouched> {
    return vouch(convener.signer, CHARTER, charter);
  }
}

export const newMeetingId = (): MeetingId => asId<MeetingId>(toBase64Url(randomBytes(16)));

export const prove = ({ signer }: Official, possession: Possession) =>
  signStatement(POSSESSION, possession, signer.signing);

export const announce = async ({ signer }: Official, meeting: MeetingId, number: number) => {
  const announcement: Announcement = { salt: toBase64Url(randomBytes(16)), number };
  const { salt } = announcement;
  return { announcement, presence: await signStatement(PRESENCE, { meeting, salt, number }, signer.signing) };
};
