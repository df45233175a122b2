import { asId, type MeetingId } from '../../src/base/ids.ts';
import type { RequestOf } from '../../src/signaling/protocol/messages.ts';
import { ACT } from '../../src/trust/acts/act.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import {
  announce,
  type Ministry,
  newMeetingId,
  type Official,
  prove,
  vouch,
} from '../../test/support/ministry.ts';
import { NOW } from '../../test/support/people.ts';
import { officialsOf, publicMinistry } from '../people/ministry.ts';
import { Member } from './member.ts';

/** As many as one meeting holds; in other meetings the same people come again: who it is costs nothing. */
const OFFICIALS = 500;

/** All of an `enter` but its id. */
export type Shown = Omit<RequestOf<'enter'>, 'id' | 'ack' | 'kind'>;

export type Signed = Readonly<Record<'charter' | 'act', Vouched>>;

/** An authority and its people, made before anything is measured: a device has its certificate long before it enters. */
export class Officials {
  readonly #ministry: Ministry;
  readonly #all: readonly Official[];

  private constructor(ministry: Ministry, all: readonly Official[]) {
    this.#ministry = ministry;
    this.#all = all;
  }

  /** Writes what a relay judges them by to `folder`. */
  static async open(folder: string, count = OFFICIALS): Promise<Officials> {
    const ministry = await publicMinistry(folder);
    return new Officials(ministry, await officialsOf(ministry, count));
  }

  async convene(url: string): Promise<MeetingId> {
    const by = this.#official(0);
    const charter = this.#ministry.charter(by, { meeting: newMeetingId() });
    const member = await Member.open(url);
    const proof = await this.#proof(member, by, charter.meeting, 'convene');
    await member.ask('convene', { charter: await this.#ministry.sign(by, charter), proof });
    member.end();
    return charter.meeting;
  }

  /** From a fresh connection to the reply that lets in. */
  async enter(url: string, meeting: MeetingId, i: number): Promise<Member> {
    const member = await Member.open(url);
    await member.ask('enter', await this.shownBy(member, meeting, i));
    return member;
  }

  /** What leads in, for the session that `member` opens by this. */
  async shownBy(member: Member, meeting: MeetingId, i: number): Promise<Shown> {
    const who = this.#official(i);
    const proof = await this.#proof(member, who, meeting, 'enter');
    const passport = { certificate: who.signer.certificate, clearance: who.clearance, proof };
    return { meeting, passport, ...(await announce(who, meeting, i)) };
  }

  /** Well signed by whoever that is, in a meeting: a charter of another one, and an order that its chain has to judge. */
  async signedBy(meeting: MeetingId, i: number): Promise<Signed> {
    const who = this.#official(i);
    const charter = await this.#ministry.sign(who, this.#ministry.charter(who));
    const digest = asId<StatementDigest>('C'.repeat(43));
    const names = { meeting, charter: digest, device: who.device, seen: { n: 0, digest } };
    const order = { kind: 'raise-hand' } as const;
    const act = await vouch(who.signer, ACT, { ...names, number: 1, atUnixMs: NOW, order });
    return { charter, act };
  }

  #official(i: number): Official {
    const official = this.#all[i % this.#all.length];
    if (official === undefined) throw new Error('an authority without people');
    return official;
  }

  async #proof(member: Member, who: Official, meeting: MeetingId, purpose: 'enter' | 'convene') {
    const { session } = await member.ask('hello', { version: 1 });
    const { nonce } = await member.ask('challenge', { meeting, purpose });
    return prove(who, { nonce: String(nonce), connection: String(session), meeting, purpose });
  }
}
