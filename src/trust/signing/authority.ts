import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { toHex } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { encodeNameConstraints, NAME_CONSTRAINTS } from '../hosts/name-constraints.ts';
import type { HostNames, Permitted } from '../hosts/permitted.ts';
import { hostValidity, rootValidity, type Validity } from '../hosts/validity.ts';
import { validityOf } from './certificate.ts';

/** PEM texts of a certificate and of its private key (PKCS #8). */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Surroundings {
  readonly nowUnixMs: number;
  readonly randomBytes: RandomBytes;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** RFC 5280 section 4.1.2.2 allows 20 bytes; 16 random ones never repeat. */
const SERIAL_BYTES = 16;
/** Tells two authorities of one device apart in its list. */
const LABEL_BYTES = 4;
const PRIVATE_KEY = 'PRIVATE KEY';

/** Positive and without leading zeros, as the section wants it. */
const newSerial = (randomBytes: RandomBytes): string => {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return toHex(serial);
};

const newKeys = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

const datesOf = ({ fromUnixMs, untilUnixMs }: Validity) => ({
  notBefore: new Date(fromUnixMs),
  notAfter: new Date(untilUnixMs),
});

const pemOf = async (certificate: X509Certificate, key: CryptoKey): Promise<KeyedCertificate> => ({
  certificate: `${certificate.toString('pem')}\n`,
  key: `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), PRIVATE_KEY)}\n`,
});

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
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=Belfry host authority ${toHex(randomBytes(LABEL_BYTES))}`,
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
  const keys = await newKeys();
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

const importKey = (pem: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
