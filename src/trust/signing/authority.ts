import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { encodeNameConstraints, NAME_CONSTRAINTS } from '../hosts/name-constraints.ts';
import type { HostNames, Permitted } from '../hosts/permitted.ts';
import { hostValidity, rootValidity } from '../hosts/validity.ts';
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
import { newKeyPair } from './keys.ts';

/** On every certificate of ours: servers, and nothing else. */
const forServers = () => new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]);

/**
 * A new authority for hosts: a root that may sign servers' certificates and nothing below them, for the names and
 * addresses of `permitted` and for no mailbox. Its constraints are critical: who does not know them refuses it.
 */
export const createAuthority = async (
  permitted: Permitted,
  { nowUnixMs, randomBytes }: Surroundings,
): Promise<KeyedCertificate> => {
  const keys = await newKeyPair(true);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=Belfry host authority ${newLabel(randomBytes)}`,
    serialNumber: newSerial(randomBytes),
    ...datesOf(rootValidity(nowUnixMs)),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      forServers(),
      new Extension(NAME_CONSTRAINTS, true, encodeNameConstraints(permitted)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pemOf(certificate, keys.privateKey);
};

/** A server's certificate with a key of its own. The caller has checked that the authority may vouch for `hosts`. */
export const issueHostCertificate = async (
  authority: KeyedCertificate,
  hosts: HostNames,
  { nowUnixMs, randomBytes }: Surroundings,
): Promise<KeyedCertificate> => {
  const root = new X509Certificate(authority.certificate);
  const keys = await newKeyPair(true);
  const certificate = await X509CertificateGenerator.create({
    // No host name: some verifiers would hold it against the constraints, and all read the alternative names.
    subject: 'CN=Belfry relay',
    issuer: root.subject,
    serialNumber: newSerial(randomBytes),
    ...datesOf(hostValidity(nowUnixMs, validityOf(root))),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: await hostExtensions(hosts, keys.publicKey, root.publicKey),
  });
  return pemOf(certificate, keys.privateKey);
};

const hostExtensions = async (
  { addresses, names }: HostNames,
  own: CryptoKey,
  issuer: PublicKey,
): Promise<Extension[]> => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  forServers(),
  new SubjectAlternativeNameExtension([
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]),
  await SubjectKeyIdentifierExtension.create(own),
  await AuthorityKeyIdentifierExtension.create(issuer),
];
