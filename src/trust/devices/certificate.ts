import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { DAY_MS, isValidAt, type Validity } from '../hosts/validity.ts';
import type { PublicKeyInfo } from '../statement/statement.ts';
import { type DeviceNames, namesOf } from './ids.ts';
import { ROLES, type RoleName } from './roles.ts';

/** What was read from a certificate, its signature checked. */
export interface CertificateFacts {
  readonly isOfRoot: boolean;
  /** No authority, for signatures only, and no extension beyond those that its authority writes. */
  readonly isPlain: boolean;
  readonly role: RoleName | undefined;
  /** Alternative names; `undefined` where one of them is no URI. */
  readonly uris: readonly string[] | undefined;
  readonly validity: Validity;
  /** Absent: of an algorithm that nothing here uses. */
  readonly publicKey: PublicKeyInfo | undefined;
}

/** Whom and what a certificate vouches for, found good at one time. */
export interface Certified {
  readonly publicKey: PublicKeyInfo;
  readonly validity: Validity;
}
export interface DeviceIdentity extends Certified, DeviceNames {}

export type CertificateCode =
  | 'certificate.malformed'
  | 'certificate.root-over'
  | 'certificate.other-root'
  | 'certificate.form'
  | 'certificate.role'
  | 'certificate.key'
  | 'certificate.names'
  | 'certificate.too-long'
  | 'certificate.not-yet'
  | 'certificate.expired';
export type CertificateRefusal = Refusal<CertificateCode>;

/** What is asked of a certificate, and of the root beside it. */
interface Question {
  readonly facts: CertificateFacts;
  readonly role: RoleName;
  readonly rootValidity: Validity;
  readonly nowUnixMs: number;
}

type Condition = readonly [CertificateCode, string, (question: Question) => boolean];

/** In this order: who vouches first, then for what, then for how long. */
const CONDITIONS: readonly Condition[] = [
  [
    'certificate.root-over',
    'the root is not valid today',
    ({ rootValidity, nowUnixMs }) => isValidAt(rootValidity, nowUnixMs),
  ],
  ['certificate.other-root', 'the root did not sign it', ({ facts }) => facts.isOfRoot],
  ['certificate.form', 'it is not of the form that the authority writes', ({ facts }) => facts.isPlain],
  ['certificate.role', 'it is for another use', ({ facts, role }) => facts.role === role],
  ['certificate.key', 'its key is of no algorithm in use', ({ facts }) => facts.publicKey !== undefined],
  ['certificate.too-long', 'it lasts longer than its use allows', ({ facts, role }) => isShort(facts, role)],
  [
    'certificate.not-yet',
    'it is not valid yet',
    ({ facts, nowUnixMs }) => nowUnixMs >= facts.validity.fromUnixMs,
  ],
  [
    'certificate.expired',
    'it has expired',
    ({ facts, nowUnixMs }) => nowUnixMs <= facts.validity.untilUnixMs,
  ],
];

const isShort = ({ validity }: CertificateFacts, role: RoleName): boolean =>
  validity.untilUnixMs - validity.fromUnixMs <= ROLES[role].maxDays * DAY_MS;

export const judgeCertificate = (question: Question): Result<Certified, CertificateRefusal> => {
  const failed = CONDITIONS.find(([, , holds]) => !holds(question));
  if (failed !== undefined) return refuse(failed[0], failed[1]);
  const { publicKey, validity } = question.facts;
  return publicKey === undefined ? refuse('certificate.key', 'it has no key') : ok({ publicKey, validity });
};

export const judgeDevice = (question: Omit<Question, 'role'>): Result<DeviceIdentity, CertificateRefusal> => {
  const judged = judgeCertificate({ ...question, role: 'device' });
  if (!judged.ok) return judged;
  const names = namesOf(question.facts.uris ?? []);
  if (names === undefined)
    return refuse('certificate.names', 'it does not name exactly one person and one device');
  return ok({ ...judged.value, ...names });
};

/** An office has no names: it is nobody's device. */
export const judgeOffice = (question: Question): Result<Certified, CertificateRefusal> => {
  const judged = judgeCertificate(question);
  if (!judged.ok || question.facts.uris?.length === 0) return judged;
  return refuse('certificate.names', 'an office has no names');
};
