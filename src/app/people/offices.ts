import type { OfficeName } from '../../trust/devices/roles.ts';
import { daysLeft } from '../../trust/hosts/validity.ts';
import { CLEARANCE_DAYS } from '../../trust/markings/clearance.ts';
import type { KeyedCertificate } from '../../trust/signing/issuing.ts';
import type { SigningKey } from '../../trust/signing/keys.ts';
import { issueOffice, signingKeyOf } from '../../trust/signing/people-authority.ts';
import { judgeOfficeCertificate } from '../../trust/signing/people-certificate.ts';
import { signStatement } from '../../trust/signing/statement.ts';
import type { StatementKind } from '../../trust/statement/statement.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import { joinKeyed } from '../keyed-pem.ts';
import { type PeopleAuthority, readKeyed, readMade } from './authority.ts';
import { damaged } from './faults.ts';
import { replace } from './files.ts';

/** A clearance may last as long as it may, and its office's certificate must not end before it. */
const RENEW_OFFICE_BELOW_DAYS = CLEARANCE_DAYS + 20;

/** Signs as one of the authority's offices, whose key is renewed in time. */
export const signAs = async <T>(
  authority: PeopleAuthority,
  office: OfficeName,
  kind: StatementKind<T>,
  value: NoInfer<T>,
): Promise<Vouched> => {
  const { certificate, signing } = await openOffice(authority, office);
  return { certificate, statement: await signStatement(kind, value, signing) };
};

interface Office {
  readonly certificate: string;
  readonly signing: SigningKey;
}

const openOffice = async (authority: PeopleAuthority, office: OfficeName): Promise<Office> => {
  const { at } = authority;
  const kept = await judgeOffice(authority, office, readKeyed(at, office, await readMade(at, office)));
  if (kept !== undefined) return kept;
  const keyed = await issueOffice(authority.keyed, office, at);
  await replace(at.folder, office, joinKeyed(keyed), at.randomBytes);
  const made = await judgeOffice(authority, office, keyed);
  if (made === undefined) throw new Error(`the new certificate of the ${office} office is not good`);
  return made;
};

/** `undefined`: it ends too soon. */
const judgeOffice = async (
  { at, root }: PeopleAuthority,
  office: OfficeName,
  keyed: KeyedCertificate,
): Promise<Office | undefined> => {
  const judged = await judgeOfficeCertificate(office, keyed.certificate, root, at.nowUnixMs);
  if (!judged.ok && judged.refusal.code === 'certificate.expired') return undefined;
  if (!judged.ok) throw damaged(at.folder, office, judged.refusal.message);
  const { validity, publicKey } = judged.value;
  const isShort = daysLeft(validity, at.nowUnixMs) < RENEW_OFFICE_BELOW_DAYS;
  if (isShort && validity.untilUnixMs < root.validity.untilUnixMs) return undefined;
  const signing = await signingKeyOf(keyed, publicKey);
  if (signing === undefined) throw damaged(at.folder, office, 'its key is not that of its certificate');
  return { certificate: keyed.certificate, signing };
};
