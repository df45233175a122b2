import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type DeviceNames, urisOf } from '../devices/ids.ts';
import { type OfficeName, type RoleName, roleValidity } from '../devices/roles.ts';
import { rootValidity } from '../hosts/validity.ts';
import type { PublicKeyInfo } from '../statement/statement.ts';
import { validityOf } from './certificate.ts';
import {
  ALGORITHM,
  datesOf,
  importKey,
  type KeyedCertificate,
  newLabel,
  newSerial,
  pemOf,
  type Surroundings,
} from './issuing.ts';
import { importPublicKey, keysOf, newKeyPair, type SigningKey } from './keys.ts';
import { leafExtensions, rootExtensions } from './people-certificate.ts';

/** A new authority for people, with another key than the hosts': neither can do the other's work. */
export const createPeopleAuthority = async ({
  nowUnixMs,
  randomBytes,
}: Surroundings): Promise<KeyedCertificate> => {
  const keys = await newKeyPair(true);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=Belfry people authority ${newLabel(randomBytes)}`,
    serialNumber: newSerial(randomBytes),
    ...datesOf(rootValidity(nowUnixMs)),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [...rootExtensions(), await SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
  return pemOf(certificate, keys.privateKey);
};

/** A device's certificate, as PEM. The device made its key itself; the caller has checked who asks. */
export const issueDeviceCertificate = (
  authority: KeyedCertificate,
  names: DeviceNames,
  publicKey: PublicKeyInfo,
  at: Surroundings,
): Promise<string> => {
  const items = urisOf(names).map((value) => ({ type: 'url' as const, value }));
  return issue(authority, 'device', publicKey, [new SubjectAlternativeNameExtension(items)], at);
};

/** A key for one office of the authority, and its certificate. */
export const issueOffice = async (
  authority: KeyedCertificate,
  office: OfficeName,
  at: Surroundings,
): Promise<KeyedCertificate> => {
  const keys = await newKeyPair(true);
  const { publicKey } = await keysOf(keys);
  const certificate = await issue(authority, office, publicKey, [], at);
  return pemOf(new X509Certificate(certificate), keys.privateKey);
};

const SUBJECTS: Readonly<Record<RoleName, string>> = {
  // Who it is stands in the alternative names, under pseudonyms.
  device: 'CN=Belfry device',
  revocation: 'CN=Belfry revocation office',
  clearance: 'CN=Belfry clearance office',
};

const issue = async (
  authority: KeyedCertificate,
  role: RoleName,
  publicKeyInfo: PublicKeyInfo,
  names: readonly Extension[],
  { nowUnixMs, randomBytes }: Surroundings,
): Promise<string> => {
  const root = new X509Certificate(authority.certificate);
  const publicKey = await importPublicKey(publicKeyInfo);
  const certificate = await X509CertificateGenerator.create({
    subject: SUBJECTS[role],
    issuer: root.subject,
    serialNumber: newSerial(randomBytes),
    ...datesOf(roleValidity(role, nowUnixMs, validityOf(root))),
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      ...leafExtensions(role),
      ...names,
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(root.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
};

/** The key of a kept certificate, for signing statements; `undefined` where the two do not belong together. */
export const signingKeyOf = async (
  { key }: KeyedCertificate,
  publicKey: PublicKeyInfo,
): Promise<SigningKey | undefined> => {
  const privateKey = await importKey(key);
  const probe = new Uint8Array(1);
  const signature = await crypto.subtle.sign(ALGORITHM, privateKey, probe);
  const fits = await crypto.subtle.verify(ALGORITHM, await importPublicKey(publicKey), signature, probe);
  return fits ? { alg: publicKey.alg, keyId: publicKey.keyId, privateKey } : undefined;
};
