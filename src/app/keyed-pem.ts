import type { KeyedCertificate } from '../trust/signing/issuing.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/;
const KEY = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----\n?/;

/** One file for both, so that they always fit. */
export const joinKeyed = ({ certificate, key }: KeyedCertificate): string => `${certificate}${key}`;

export const partKeyed = (text: string): KeyedCertificate | undefined => {
  const [certificate, key] = [CERTIFICATE.exec(text)?.[0], KEY.exec(text)?.[0]];
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
};
