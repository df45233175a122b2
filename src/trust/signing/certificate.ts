import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';
import { canonicalIp } from '../hosts/ip.ts';
import { decodeNameConstraints, NAME_CONSTRAINTS } from '../hosts/name-constraints.ts';
import type { HostNames, Permitted } from '../hosts/permitted.ts';
import type { Validity } from '../hosts/validity.ts';

/** What a root says of itself. */
export interface RootFacts {
  readonly subject: string;
  readonly validity: Validity;
  /** Absent: it is none of ours. */
  readonly permitted: Permitted | undefined;
  readonly sha256: Uint8Array<ArrayBuffer>;
}

export const validityOf = ({ notBefore, notAfter }: X509Certificate): Validity => ({
  fromUnixMs: notBefore.getTime(),
  untilUnixMs: notAfter.getTime(),
});

/** Throws where `pem` is no certificate that signed itself. */
export const readRoot = async (pem: string): Promise<RootFacts> => {
  const certificate = new X509Certificate(pem);
  if (!(await certificate.isSelfSigned())) throw new Error('it is not signed by itself');
  const constraints = certificate.extensions.find(({ type }) => type === NAME_CONSTRAINTS);
  return {
    subject: certificate.subject,
    validity: validityOf(certificate),
    permitted: constraints && decodeNameConstraints(new Uint8Array(constraints.value)),
    sha256: new Uint8Array(await certificate.getThumbprint('SHA-256')),
  };
};

/** What a server's certificate says, and whether `root` signed it. Throws where `pem` is no certificate. */
export const readHostCertificate = async (
  pem: string,
  root: string,
): Promise<{ hosts: HostNames; validity: Validity; isOfRoot: boolean }> => {
  const certificate = new X509Certificate(pem);
  const publicKey = new X509Certificate(root).publicKey;
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  const valuesOf = (type: string) => names.filter((name) => name.type === type).map(({ value }) => value);
  return {
    hosts: { addresses: valuesOf('ip').map(canonicalIp), names: valuesOf('dns') },
    validity: validityOf(certificate),
    isOfRoot: await certificate.verify({ publicKey, signatureOnly: true }),
  };
};
