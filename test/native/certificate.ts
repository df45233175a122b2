import { createSign, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Object identifiers, already encoded. */
const OID = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  subjectAltName: '0603551d11',
} as const;

/** One DER value: tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body]);
}

const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);
const oid = (name: keyof typeof OID): Buffer => Buffer.from(OID[name], 'hex');
const generalizedTime = (text: string): Buffer => der(0x18, Buffer.from(text));

/** A name of one common name (RFC 5280, section 4.1.2.4). */
function name(text: string): Buffer {
  return sequence(der(0x31, sequence(oid('commonName'), der(0x0c, Buffer.from(text)))));
}

/** Alternative names that bring the certificate to about `sizeBytes`. */
function padding(sizeBytes: number): Buffer {
  const label = 'a-long-name-that-only-takes-up-room.example';
  const count = Math.ceil(sizeBytes / (label.length + 2));
  const names = sequence(...Array.from({ length: count }, () => der(0x82, Buffer.from(label))));
  return der(0xa3, sequence(sequence(oid('subjectAltName'), der(0x04, names))));
}

/**
 * Writes a self-signed certificate of at least `sizeBytes` and its key into `folder`, as PEM. A large one, as chains
 * of an authority are, makes DTLS flights that do not fit into one datagram.
 */
export function writeLargeCertificate(folder: string, sizeBytes: number): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(oid('ecdsaWithSha256'));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name('large'),
    sequence(generalizedTime('20200101000000Z'), generalizedTime('20991231000000Z')),
    name('large'),
    publicKey.export({ type: 'spki', format: 'der' }),
    padding(sizeBytes),
  );
  const signature = createSign('sha256').update(toBeSigned).sign(privateKey);
  const certificate = sequence(toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return files;
}
