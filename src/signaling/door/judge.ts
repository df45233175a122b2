import type { MeetingId, SessionId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { SignedCharter } from '../../trust/charter/charter.ts';
import {
  type Admitted,
  type EntryQuestion,
  judgeEntry,
  type MeetingStanding,
} from '../../trust/charter/entry.ts';
import type { DeviceIdentity } from '../../trust/devices/certificate.ts';
import { judgePossession, POSSESSION, type Possession } from '../../trust/devices/possession.ts';
import { PRESENCE } from '../../trust/devices/presence.ts';
import { CLEARANCE } from '../../trust/markings/clearance.ts';
import { rankOf } from '../../trust/markings/label.ts';
import { isRevoked } from '../../trust/revocation/list.ts';
import { openCharter } from '../../trust/signing/charter.ts';
import { judgeDeviceCertificate } from '../../trust/signing/people-certificate.ts';
import { openStatement } from '../../trust/signing/statement.ts';
import { type Judge, openOfficeStatement } from '../../trust/signing/vouched.ts';
import type { Envelope, PublicKeyInfo } from '../../trust/statement/statement.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import type { PeopleTrust } from '../ports.ts';
import type { RequestOf } from '../protocol/messages.ts';

type Judged<T> = Promise<Result<T, Refusal>>;

/** What a session was given to sign. */
export interface Challenge {
  readonly nonce: string;
  readonly meeting: MeetingId;
  readonly purpose: 'enter' | 'convene';
}

/** What a request is judged against. */
export interface Circumstances {
  readonly trust: PeopleTrust;
  readonly session: SessionId;
  /** `undefined`: it was given none, or has used it. */
  readonly challenge: Challenge | undefined;
  readonly nowUnixMs: number;
  /** What the meeting has become since its charter. */
  readonly standing?: MeetingStanding | undefined;
  /**
   * Writes down that the nonce of a proof was used. Of good proofs alone: another opens nothing a second time either, and
   * strangers could fill the store with theirs.
   */
  readonly spend: (nonce: string) => Result<undefined>;
}

/** All of an entry question that stays the same while somebody is in: with each new list it is asked again. */
export type LastingQuestion = Omit<EntryQuestion, 'revocation' | 'nowUnixMs' | 'standing'>;

/** Somebody who may enter. */
export interface Entrant {
  readonly admitted: Admitted;
  readonly question: LastingQuestion;
  readonly publicKey: PublicKeyInfo;
}

const judgeProof = async (
  proof: Envelope,
  key: PublicKeyInfo,
  asked: Possession | undefined,
): Judged<Possession> => {
  if (asked === undefined) return refuse('possession.no-challenge', 'there is no challenge to prove by');
  const opened = await openStatement(POSSESSION, proof, key);
  return opened.ok ? judgePossession(opened.value.value, asked) : opened;
};

const judgeFreshProof = async (
  proof: Envelope,
  key: PublicKeyInfo,
  asked: Possession | undefined,
  { spend }: Pick<Circumstances, 'spend'>,
): Judged<Possession> => {
  const proven = await judgeProof(proof, key, asked);
  const spent = proven.ok ? spend(proven.value.nonce) : proven;
  return spent.ok ? proven : spent;
};

/** The proof that `challenge` asks for, if it is of this meeting and purpose. */
const askedOf = (
  { challenge, session }: Circumstances,
  meeting: MeetingId,
  purpose: Challenge['purpose'],
): Possession | undefined =>
  challenge?.meeting === meeting && challenge.purpose === purpose
    ? { nonce: challenge.nonce, connection: session, meeting, purpose }
    : undefined;

/** May this device of this person enter this meeting, now and as it announces itself? */
export const judgeEnter = async (
  request: RequestOf<'enter'>,
  charter: SignedCharter | undefined,
  at: Circumstances,
): Judged<Entrant> => {
  const { trust, nowUnixMs } = at;
  const { passport, meeting } = request;
  const judge: Judge = { root: trust.root, nowUnixMs };
  const identity = await judgeDeviceCertificate(passport.certificate, trust.root, nowUnixMs);
  if (!identity.ok) return identity;
  const { publicKey } = identity.value;
  const proof = await judgeFreshProof(passport.proof, publicKey, askedOf(at, meeting, 'enter'), at);
  if (!proof.ok) return proof;
  const presence = await judgePresence(request, identity.value);
  if (!presence.ok) return presence;
  const clearance = await openOfficeStatement(CLEARANCE, 'clearance', passport.clearance, judge);
  if (!clearance.ok) return clearance;
  const question = {
    certificate: identity.value,
    clearance: clearance.value,
    charter,
    scale: trust.scale,
  };
  const admitted = judgeEntry({
    ...question,
    standing: at.standing,
    revocation: trust.list()?.current,
    nowUnixMs,
  });
  return admitted.ok ? ok({ admitted: admitted.value, question, publicKey }) : admitted;
};

const judgePresence = async (
  { presence, meeting, announcement }: RequestOf<'enter'>,
  { publicKey }: DeviceIdentity,
): Judged<undefined> => {
  const opened = await openStatement(PRESENCE, presence, publicKey);
  if (!opened.ok) return opened;
  const { value } = opened.value;
  const isOwn =
    value.meeting === meeting && value.salt === announcement.salt && value.number === announcement.number;
  return isOwn ? ok(undefined) : refuse('presence.other', 'the device signed another announcement');
};

/** May this device open the meeting of this charter? */
export const judgeConvene = async (
  { charter, proof }: RequestOf<'convene'>,
  at: Circumstances,
): Judged<SignedCharter> => {
  const signed = await judgeCharter(charter, at);
  if (!signed.ok) return signed;
  const { meeting } = signed.value.opened.value;
  const asked = askedOf(at, meeting, 'convene');
  const proven = await judgeFreshProof(proof, signed.value.by.publicKey, asked, at);
  return proven.ok ? signed : proven;
};

/** A charter that may stand here and now, whoever brings it. */
export const judgeCharter = async (
  charter: Vouched,
  { trust, nowUnixMs }: Pick<Circumstances, 'trust' | 'nowUnixMs'>,
): Judged<SignedCharter> => {
  const signed = await openCharter(charter, { root: trust.root, nowUnixMs });
  return signed.ok ? standsNow(signed.value, { trust, nowUnixMs }) : signed;
};

/** By the list of this very moment, which may be newer than the one when its signature was checked. */
export const standsNow = (
  signed: SignedCharter,
  { trust, nowUnixMs }: Pick<Circumstances, 'trust' | 'nowUnixMs'>,
): Result<SignedCharter, Refusal> => {
  const list = trust.list()?.current.list;
  if (list === undefined || nowUnixMs >= list.untilUnixMs)
    return refuse('entry.list-expired', 'there is no list of revocations in force');
  if (isRevoked(list, signed.by)) return refuse('entry.convener-revoked', 'who signed it was revoked');
  const rank = rankOf(signed.opened.value.marking, trust.scale);
  return rank.ok ? ok(signed) : rank;
};

/** Whether the device that entered is the one that resumes; the resume secret is the nonce, because it serves once. */
export const judgeResume = (
  { session, secret, proof }: NonNullable<RequestOf<'hello'>['resume']>,
  meeting: MeetingId,
  key: PublicKeyInfo,
): Judged<Possession> =>
  proof === undefined
    ? Promise.resolve(refuse('possession.missing', 'a device that entered proves itself when it resumes'))
    : judgeProof(proof, key, { nonce: secret, connection: session, meeting, purpose: 'resume' });
