import type { Bytes } from '../../src/base/bytes.ts';
import { asId, type MeetingId, type ParticipantId } from '../../src/base/ids.ts';
import type { RtpCapabilities } from '../../src/base/rtp.ts';
import { credentialOf } from '../../src/client/group/credential.ts';
import type { BlobPlace } from '../../src/client/group/fetch-blobs.ts';
import type { LeafOwner } from '../../src/client/group/tools.ts';
import type { MlsSuite } from '../../src/e2ee/mls/suites.ts';
import { announce, type Ministry, newMeetingId, type Official, prove } from '../../test/support/ministry.ts';
import { officialsOf, publicMinistry } from '../people/ministry.ts';
import { Member } from '../signaling/member.ts';

type Shown = Awaited<ReturnType<typeof announce>>;

/** Somebody who is about to enter one meeting: the leaf can be made before, its owner is known. */
export interface Guest extends Shown {
  readonly official: Official;
  readonly owner: LeafOwner;
}

/** Somebody whom the relay let in. */
export interface Entrant {
  readonly guest: Guest;
  readonly participant: ParticipantId;
  readonly member: Member;
  readonly place: BlobPlace;
  /** Of the meeting's router. */
  readonly router: RtpCapabilities;
}

export interface Venue {
  /** Host and port. */
  readonly origin: string;
  readonly meeting: MeetingId;
  readonly suite: MlsSuite;
}

/** An authority and its people, each with a device: made before anything is measured. */
export class Public {
  readonly #ministry: Ministry;
  readonly #officials: readonly Official[];

  private constructor(ministry: Ministry, officials: readonly Official[]) {
    this.#ministry = ministry;
    this.#officials = officials;
  }

  /** Writes what a relay judges them by to `folder`. Of the time that tests have, where none is given. */
  static async open(folder: string, count: number, nowUnixMs?: number): Promise<Public> {
    const ministry = await publicMinistry(folder, nowUnixMs);
    return new Public(ministry, await officialsOf(ministry, count));
  }

  async convene(origin: string, suite: MlsSuite): Promise<Venue> {
    const [by] = this.#officials;
    if (by === undefined) throw new Error('an authority without people');
    const charter = this.#ministry.charter(by, {
      meeting: newMeetingId(),
      suite,
    });
    const member = await Member.open(urlOf(origin));
    const proof = await proofOf(member, by, charter.meeting, 'convene');
    await member.ask('convene', { charter: await this.#ministry.sign(by, charter), proof });
    member.end();
    return { origin, meeting: charter.meeting, suite };
  }

  /** Guest `i` of a meeting; no two of one meeting are one person. */
  async guest({ meeting, suite }: Venue, i: number): Promise<Guest> {
    const official = this.#officials[i];
    if (official === undefined) throw new Error(`an authority without ${i + 1} people`);
    const shown = await announce(official, meeting, i);
    const { certificate, signing, publicKey } = official.signer;
    const certificates: readonly Bytes[] = credentialOf(certificate, shown.announcement);
    return { official, ...shown, owner: { suite, certificates, signing, publicKey } };
  }
}

const urlOf = (origin: string): string => `ws://${origin}/v1/meet`;

/** From a fresh connection to the reply that lets in. */
export const enter = async ({ origin, meeting }: Venue, guest: Guest): Promise<Entrant> => {
  const { official, announcement, presence } = guest;
  const member = await Member.open(urlOf(origin));
  const proof = await proofOf(member, official, meeting, 'enter');
  const passport = { certificate: official.signer.certificate, clearance: official.clearance, proof };
  const reply = await member.ask('enter', { meeting, passport, announcement, presence });
  const place = {
    url: `http://${origin}/v1/meetings/${meeting}/blobs`,
    token: String(reply.blobToken),
  };
  return {
    guest,
    participant: asId<ParticipantId>(String(reply.participant)),
    member,
    place,
    router: reply.rtpCapabilities as RtpCapabilities,
  };
};

const proofOf = async (member: Member, who: Official, meeting: MeetingId, purpose: 'enter' | 'convene') => {
  const { session } = await member.ask('hello', { version: 1 });
  const { nonce } = await member.ask('challenge', { meeting, purpose });
  return prove(who, { nonce: String(nonce), connection: String(session), meeting, purpose });
};
