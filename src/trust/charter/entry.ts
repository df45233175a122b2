import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { DeviceIdentity } from '../devices/certificate.ts';
import type { DeviceNames, PersonId } from '../devices/ids.ts';
import { isValidAt } from '../hosts/validity.ts';
import { type Clearance, judgeClearance } from '../markings/clearance.ts';
import { covers, type Label, type Rank, rankOf } from '../markings/label.ts';
import type { Scale } from '../markings/scale.ts';
import { type CurrentList, isRevoked } from '../revocation/list.ts';
import type { Opened, StatementDigest } from '../statement/statement.ts';
import { isAdmitted, type SignedCharter } from './charter.ts';

/** The marking in force instead of the charter's, and those who were called in since. */
export interface MeetingStanding {
  readonly marking: Label;
  readonly invited: ReadonlySet<PersonId>;
}

/**
 * What somebody who wants to enter has shown, each part with its signature found good; what is missing is `undefined`.
 * Client and server ask the same question. That the device holds its key is shown before (`judgePossession`).
 */
export interface EntryQuestion {
  readonly certificate: DeviceIdentity | undefined;
  readonly revocation: CurrentList | undefined;
  readonly clearance: Opened<Clearance> | undefined;
  readonly charter: SignedCharter | undefined;
  /** What the meeting's acts have made of the charter; absent: nothing. */
  readonly standing?: MeetingStanding | undefined;
  readonly scale: Scale;
  readonly nowUnixMs: number;
}

export interface Admitted extends DeviceNames {
  readonly charter: StatementDigest;
  /** The question is to be asked again then at the latest, and with every new list. */
  readonly untilUnixMs: number;
}

/** In this order: who it is, whether that still holds, which meeting, whether by name, whether by clearance. */
const PRECONDITIONS = [
  [
    'entry.no-certificate',
    'no certificate of a device was shown',
    ({ certificate }) => certificate !== undefined,
  ],
  ['entry.certificate-over', 'the certificate is not valid now', (q) => isTimely(q, q.certificate)],
  ['entry.no-list', 'there is no list of revocations', ({ revocation }) => revocation !== undefined],
  [
    'entry.list-expired',
    'the list of revocations has expired',
    ({ revocation, nowUnixMs }) => revocation !== undefined && nowUnixMs < revocation.list.untilUnixMs,
  ],
  ['entry.revoked', 'device or person was revoked', (q) => isUnrevoked(q, q.certificate)],
  ['entry.no-charter', 'there is no charter of the meeting', ({ charter }) => charter !== undefined],
  [
    'entry.convener-over',
    'the certificate under the charter is not valid now',
    (q) => isTimely(q, q.charter?.by),
  ],
  ['entry.convener-revoked', 'who signed the charter was revoked', (q) => isUnrevoked(q, q.charter?.by)],
  [
    'entry.not-admitted',
    'the charter does not admit this person',
    ({ charter, certificate, standing }) =>
      charter !== undefined &&
      certificate !== undefined &&
      (isAdmitted(charter.opened.value, certificate.person) ||
        standing?.invited.has(certificate.person) === true),
  ],
  ['entry.no-clearance', 'no clearance was shown', ({ clearance }) => clearance !== undefined],
  ['entry.clearance-not-good', 'the clearance is not good', (q) => clearanceOf(q)?.ok === true],
  [
    'entry.unknown-marking',
    'the marking of the meeting is of no known scale',
    (q) => markingOf(q) !== undefined,
  ],
  ['entry.not-cleared', 'the clearance does not cover the marking', (q) => isCleared(q)],
] as const satisfies readonly (readonly [string, string, (question: EntryQuestion) => boolean])[];

export type EntryCode = (typeof PRECONDITIONS)[number][0];
/** `because`: the code of what was found wrong with the clearance. For logs; at the door all refusals are the same. */
export type EntryRefusal = Refusal<EntryCode> & { readonly because?: string };

const isTimely = ({ nowUnixMs }: EntryQuestion, identity: DeviceIdentity | undefined): boolean =>
  identity !== undefined && isValidAt(identity.validity, nowUnixMs);

const isUnrevoked = ({ revocation }: EntryQuestion, identity: DeviceIdentity | undefined): boolean =>
  revocation !== undefined && identity !== undefined && !isRevoked(revocation.list, identity);

const clearanceOf = ({ certificate, revocation, clearance, scale, nowUnixMs }: EntryQuestion) =>
  certificate &&
  revocation &&
  clearance &&
  judgeClearance(clearance, { person: certificate.person, list: revocation.list, scale, nowUnixMs });

const markingOf = ({ charter, standing, scale }: EntryQuestion): Rank | undefined => {
  const rank = charter && rankOf(standing?.marking ?? charter.opened.value.marking, scale);
  return rank?.ok === true ? rank.value : undefined;
};

const isCleared = (question: EntryQuestion): boolean => {
  const [clearance, marking] = [clearanceOf(question), markingOf(question)];
  return clearance?.ok === true && marking !== undefined && covers(clearance.value, marking);
};

/** May this device of this person enter this meeting now? Names the first precondition that does not hold. */
export const judgeEntry = (question: EntryQuestion): Result<Admitted, EntryRefusal> => {
  const failed = PRECONDITIONS.find(([, , holds]) => !holds(question));
  if (failed !== undefined) return refuseEntry(failed[0], failed[1], question);
  const { certificate, revocation, clearance, charter } = question;
  if (!certificate || !revocation || !clearance || !charter) throw new Error('admitted with nothing shown');
  const untilUnixMs = Math.min(
    certificate.validity.untilUnixMs,
    charter.by.validity.untilUnixMs,
    revocation.list.untilUnixMs,
    clearance.value.untilUnixMs,
  );
  const { person, device } = certificate;
  return ok({ person, device, charter: charter.opened.digest, untilUnixMs });
};

const refuseEntry = (
  code: EntryCode,
  message: string,
  question: EntryQuestion,
): Result<never, EntryRefusal> => {
  const { refusal } = refuse(code, message);
  const clearance = code === 'entry.clearance-not-good' ? clearanceOf(question) : undefined;
  const because = clearance?.ok === false ? { because: clearance.refusal.code } : {};
  return { ok: false, refusal: { ...refusal, ...because } };
};
