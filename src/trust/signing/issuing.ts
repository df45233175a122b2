import 'reflect-metadata';
import { PemConverter, type X509Certificate } from '@peculiar/x509';
import { toHex } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import type { Validity } from '../hosts/validity.ts';

/** PEM texts of a certificate and of its private key (PKCS #8). */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Surroundings {
  readonly nowUnixMs: number;
  readonly randomBytes: RandomBytes;
}

export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** RFC 5280 section 4.1.2.2 allows 20 bytes; 16 random ones never repeat. */
const SERIAL_BYTES = 16;
/** Tells two authorities of one device apart in its list. */
const LABEL_BYTES = 4;
const PRIVATE_KEY = 'PRIVATE KEY';

/** Positive and without leading zeros, as the section wants it. */
export const newSerial = (randomBytes: RandomBytes): string => {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return toHex(serial);
};

export const newLabel = (randomBytes: RandomBytes): string => toHex(randomBytes(LABEL_BYTES));

export const datesOf = ({ fromUnixMs, untilUnixMs }: Validity) => ({
  notBefore: new Date(fromUnixMs),
  notAfter: new Date(untilUnixMs),
});

export const pemOf = async (certificate: X509Certificate, key: CryptoKey): Promise<KeyedCertificate> => ({
  certificate: `${certificate.toString('pem')}\n`,
  key: `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), PRIVATE_KEY)}\n`,
});

export const importKey = (pem: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
