import { ok, type Result } from '../../base/result.ts';
import type { CertificateRefusal, DeviceIdentity } from '../devices/certificate.ts';
import type { OfficeName } from '../devices/roles.ts';
import type { Opened, StatementKind, StatementRefusal } from '../statement/statement.ts';
import type { Vouched } from '../statement/vouched.ts';
import { judgeDeviceCertificate, judgeOfficeCertificate, type PeopleRoot } from './people-certificate.ts';
import { openStatement } from './statement.ts';

export type VouchedRefusal = StatementRefusal | CertificateRefusal;

/** What everybody judges by: the root, and the time. */
export interface Judge {
  readonly root: PeopleRoot;
  readonly nowUnixMs: number;
}

/** What the authority itself says, by the office that may say it. */
export const openOfficeStatement = async <T>(
  kind: StatementKind<T>,
  office: OfficeName,
  { certificate, statement }: Vouched,
  { root, nowUnixMs }: Judge,
): Promise<Result<Opened<T>, VouchedRefusal>> => {
  const judged = await judgeOfficeCertificate(office, certificate, root, nowUnixMs);
  return judged.ok ? openStatement(kind, statement, judged.value.publicKey, root.statements) : judged;
};

/** What a device says, and whose it is. Whether the device is revoked is the reader's next question. */
export const openDeviceStatement = async <T>(
  kind: StatementKind<T>,
  { certificate, statement }: Vouched,
  { root, nowUnixMs }: Judge,
): Promise<Result<{ opened: Opened<T>; by: DeviceIdentity }, VouchedRefusal>> => {
  const judged = await judgeDeviceCertificate(certificate, root, nowUnixMs);
  if (!judged.ok) return judged;
  const opened = await openStatement(kind, statement, judged.value.publicKey, root.statements);
  return opened.ok ? ok({ opened: opened.value, by: judged.value }) : opened;
};
