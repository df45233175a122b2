import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '@peculiar/x509';
import { equalBytes } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import {
  type CertificateFacts,
  type CertificateRefusal,
  type Certified,
  type DeviceIdentity,
  judgeDevice,
  judgeOffice,
} from '../devices/certificate.ts';
import { type OfficeName, ROLES, type RoleName } from '../devices/roles.ts';
import type { Validity } from '../hosts/validity.ts';
import { algOfCurve } from '../statement/algorithms.ts';
import type { PublicKeyInfo, StatementDigest } from '../statement/statement.ts';
import { validityOf } from './certificate.ts';
import { publicKeyInfo } from './keys.ts';
import { Memo } from './memo.ts';
import { StatementMemo } from './statement.ts';

/** Ours have about 800; the text of a whole chain would be no certificate. */
const MAX_PEM_CHARS = 4_096;
const PEM = /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n?$/;

/** RFC 5280 section 4.2.1, by the names that it gives. */
const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
} as const;
/** What parses as a certificate may still hold an extension or a key that does not. */
const UNREADABLE = 'its parts cannot be read';
const KNOWN = new Set<string>(Object.values(EXTENSION));

/** The root of the authority for people, found to be one. */
export interface PeopleRoot {
  readonly pem: string;
  readonly validity: Validity;
  readonly publicKey: PublicKeyInfo;
  /** As it is read once: what it signed is compared with it and verified by it. */
  readonly issuer: Issuer;
  /** Of the whole certificate: what its fingerprint's words are made of. */
  readonly sha256: Uint8Array<ArrayBuffer>;
  /** What was read of certificates under it. */
  readonly memo: Memo<CertificateFacts>;
  /** Statements whose signatures were found good: who is let in after waiting, or comes again, shows some a second time. */
  readonly statements: StatementMemo;
  /** Of a meeting's entries, by their texts; absent where one device alone follows them, each once. */
  readonly entries?: Memo<StatementDigest>;
}
export interface Issuer {
  readonly subject: string;
  readonly publicKey: X509Certificate['publicKey'];
}
export type RootRefusal = Refusal<'root.malformed' | 'root.not-self-signed' | 'root.form'>;

const parse = (pem: string): X509Certificate | undefined => {
  if (pem.length > MAX_PEM_CHARS || !PEM.test(pem)) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
};

/** Every certificate for people is for one use; a root is for all that it may certify. */
export const usageExtension = (...roles: readonly RoleName[]): ExtendedKeyUsageExtension =>
  new ExtendedKeyUsageExtension(
    roles.map((role) => ROLES[role].usage),
    true,
  );
export const ALL_ROLES = Object.keys(ROLES) as readonly RoleName[];

/** Compared as bytes: long numbers of an arc have several texts, and criticality and order count too. */
const hasExtension = (
  certificate: X509Certificate,
  wanted: { type: string; rawData: ArrayBuffer },
): boolean => {
  const found = certificate.extensions.filter(({ type }) => type === wanted.type);
  return (
    found.length === 1 &&
    found.every(({ rawData }) => equalBytes(new Uint8Array(rawData), new Uint8Array(wanted.rawData)))
  );
};

const hasKnownExtensionsOnce = ({ extensions }: X509Certificate): boolean =>
  extensions.every(({ type }) => KNOWN.has(type)) &&
  new Set(extensions.map(({ type }) => type)).size === extensions.length;

const keyOf = async ({ publicKey }: X509Certificate): Promise<PublicKeyInfo | undefined> => {
  const alg = algOfCurve((publicKey.algorithm as { namedCurve?: unknown }).namedCurve);
  return alg && (await publicKeyInfo(alg, new Uint8Array(publicKey.rawData)));
};

/** `pem` as the root that everything about people rests on; whether it is valid today is judged with each certificate. */
export const openPeopleRoot = async (pem: string): Promise<Result<PeopleRoot, RootRefusal>> => {
  const certificate = parse(pem);
  if (certificate === undefined) return refuse('root.malformed', 'it is no certificate');
  try {
    return await judgeRoot(pem, certificate);
  } catch {
    return refuse('root.malformed', UNREADABLE);
  }
};

const judgeRoot = async (
  pem: string,
  certificate: X509Certificate,
): Promise<Result<PeopleRoot, RootRefusal>> => {
  const publicKey = await keyOf(certificate);
  if (publicKey === undefined) return refuse('root.malformed', 'its key is of no algorithm in use');
  if (!(await certificate.isSelfSigned()))
    return refuse('root.not-self-signed', 'it is not signed by itself');
  if (!isPeopleRoot(certificate)) return refuse('root.form', 'it is not the root of an authority for people');
  const sha256 = new Uint8Array(await certificate.getThumbprint('SHA-256'));
  const { subject, publicKey: verifying } = certificate;
  const issuer = { subject, publicKey: verifying };
  const memos = { memo: new Memo<CertificateFacts>(), statements: new StatementMemo() };
  return ok({ pem, validity: validityOf(certificate), publicKey, issuer, sha256, ...memos });
};

const isPeopleRoot = (certificate: X509Certificate): boolean =>
  hasKnownExtensionsOnce(certificate) &&
  rootExtensions().every((extension) => hasExtension(certificate, extension));

/** It signs certificates of its own uses and nothing below them; all of this is critical. */
export const rootExtensions = () => [
  new BasicConstraintsExtension(true, 0, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
  usageExtension(...ALL_ROLES),
];

export const leafExtensions = (role: RoleName) => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  usageExtension(role),
];

/** Made once: encoding them takes longer than all that is compared with them. */
const PLAIN = leafExtensions('device').slice(0, 2);
const USAGES = ALL_ROLES.map((role) => ({ role, usage: usageExtension(role) }));

const readFacts = async (certificate: X509Certificate, { issuer }: PeopleRoot): Promise<CertificateFacts> => {
  return {
    isOfRoot:
      certificate.issuer === issuer.subject &&
      (await certificate.verify({ publicKey: issuer.publicKey, signatureOnly: true })),
    isPlain:
      hasKnownExtensionsOnce(certificate) && PLAIN.every((extension) => hasExtension(certificate, extension)),
    role: USAGES.find(({ usage }) => hasExtension(certificate, usage))?.role,
    uris: urisIn(certificate),
    validity: validityOf(certificate),
    publicKey: await keyOf(certificate),
  };
};

const urisIn = (certificate: X509Certificate): readonly string[] | undefined => {
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.every(({ type }) => type === 'url') ? names.map(({ value }) => value) : undefined;
};

type Judged<T> = Promise<Result<T, CertificateRefusal>>;

const judgeWith = async <T>(
  pem: string,
  root: PeopleRoot,
  judge: (facts: CertificateFacts) => Result<T, CertificateRefusal>,
): Judged<T> => {
  try {
    return judge(await root.memo.read(pem, async () => readFacts(parseOrThrow(pem), root)));
  } catch {
    return refuse('certificate.malformed', UNREADABLE);
  }
};

const parseOrThrow = (pem: string): X509Certificate => {
  const certificate = parse(pem);
  if (certificate === undefined) throw new Error('it is no certificate');
  return certificate;
};

/** Whose device `pem` certifies. That it is revoked, and that its holder has its key, are other questions. */
export const judgeDeviceCertificate = (
  pem: string,
  root: PeopleRoot,
  nowUnixMs: number,
): Judged<DeviceIdentity> =>
  judgeWith(pem, root, (facts) => judgeDevice({ facts, rootValidity: root.validity, nowUnixMs }));

/** Whether `pem` certifies a key with which the authority itself signs statements of one sort. */
export const judgeOfficeCertificate = (
  role: OfficeName,
  pem: string,
  root: PeopleRoot,
  nowUnixMs: number,
): Judged<Certified> =>
  judgeWith(pem, root, (facts) => judgeOffice({ facts, role, rootValidity: root.validity, nowUnixMs }));
