import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type Extension as ExtensionType,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { urisOf } from '../../../../src/trust/devices/ids.ts';
import { ROLES } from '../../../../src/trust/devices/roles.ts';
import { permittedFor } from '../../../../src/trust/hosts/permitted.ts';
import { DAY_MS } from '../../../../src/trust/hosts/validity.ts';
import { createAuthority, issueHostCertificate } from '../../../../src/trust/signing/authority.ts';
import { importKey, type KeyedCertificate } from '../../../../src/trust/signing/issuing.ts';
import { newKeyPair } from '../../../../src/trust/signing/keys.ts';
import { issueOffice, signingKeyOf } from '../../../../src/trust/signing/people-authority.ts';
import {
  judgeDeviceCertificate,
  judgeOfficeCertificate,
  leafExtensions,
  openPeopleRoot,
  rootExtensions,
  usageExtension,
} from '../../../../src/trust/signing/people-certificate.ts';
import {
  ALICE,
  at,
  codeOf,
  granted,
  makePeople,
  NOW,
  type People,
  type Signer,
} from '../../../support/people.ts';
import { refusalOfHandshake } from '../../../support/tls-handshake.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const uris = (...values: string[]) =>
  new SubjectAlternativeNameExtension(values.map((value) => ({ type: 'url' as const, value })));

interface Forgery {
  readonly extensions?: readonly ExtensionType[];
  readonly days?: number;
  readonly keys?: CryptoKeyPair;
  readonly issuer?: string;
}

/** What somebody with an authority's key could sign, beyond what our own code does. */
const forge = async (authority: KeyedCertificate, forgery: Forgery = {}): Promise<string> => {
  const root = new NodeCertificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=Belfry device',
    issuer: forgery.issuer ?? root.subject,
    serialNumber: '41',
    notBefore: new Date(NOW - DAY_MS),
    notAfter: new Date(NOW + ((forgery.days ?? 30) - 1) * DAY_MS),
    signingAlgorithm: P256,
    publicKey: (forgery.keys ?? (await newKeyPair(false))).publicKey,
    signingKey: await importKey(authority.key),
    extensions: [...(forgery.extensions ?? [...leafExtensions('device'), uris(...urisOf(ALICE))])],
  });
  return `${certificate.toString('pem')}\n`;
};

describe('the root of an authority for people', () => {
  let people: People;
  before(async () => {
    people = await makePeople();
  });

  it('is what it says: an authority of path length 0, with critical uses of its own', () => {
    const root = new NodeCertificate(people.authority.certificate);
    assert.ok(root.ca && root.verify(root.publicKey));
    assert.match(root.subject, /^CN=Belfry people authority [0-9a-f]{8}$/);
    assert.deepEqual(
      root.keyUsage,
      Object.values(ROLES).map(({ usage }) => usage),
    );
  });

  it('cannot vouch for a host, whoever installs it', async () => {
    const extensions = [
      new BasicConstraintsExtension(false, undefined, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
    ];
    const keys = await newKeyPair(true);
    const certificate = await forge(people.authority, { extensions, keys, days: 3_000 });
    const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    const server = { certificate, key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
    const ca = people.authority.certificate;
    assert.match(
      (await refusalOfHandshake({ server, ca, to: '127.0.0.1' })) ?? '',
      /purpose|INVALID|unsuitable/i,
    );
  });

  it('is told from other roots and from certificates', async () => {
    const hosts = await createAuthority(permittedFor({ addresses: [], names: [] }), at);
    assert.equal(codeOf(await openPeopleRoot(hosts.certificate)), 'root.form');
    const { certificate } = await people.device(ALICE);
    assert.equal(codeOf(await openPeopleRoot(certificate)), 'root.not-self-signed');
    const root = people.authority.certificate;
    for (const text of ['', 'root', root + root, `${root.slice(0, 300)}\n-----END CERTIFICATE-----\n`])
      assert.equal(codeOf(await openPeopleRoot(text)), 'root.malformed');
  });

  it('is refused with any of its constraints missing, weaker, or not critical', async () => {
    const [basic, usages, uses] = rootExtensions();
    assert.ok(basic && usages && uses);
    const cases: Record<string, readonly ExtensionType[]> = {
      'no path length': [new BasicConstraintsExtension(true, undefined, true), usages, uses],
      'longer path': [new BasicConstraintsExtension(true, 1, true), usages, uses],
      'path not critical': [new BasicConstraintsExtension(true, 0, false), usages, uses],
      'no basic constraints': [usages, uses],
      'signs revocations too': [
        basic,
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        uses,
      ],
      'no key usage': [basic, uses],
      'no uses': [basic, usages],
      'for devices only': [basic, usages, usageExtension('device')],
      'unknown extension': [basic, usages, uses, new Extension('1.2.3.4', false, new Uint8Array([5, 0]))],
    };
    for (const [what, extensions] of Object.entries(cases)) {
      const certificate = await X509CertificateGenerator.createSelfSigned({
        name: 'CN=Belfry people authority 00000000',
        serialNumber: '41',
        notBefore: new Date(NOW),
        notAfter: new Date(NOW + DAY_MS),
        signingAlgorithm: P256,
        keys: await newKeyPair(false),
        extensions: [...extensions],
      });
      assert.equal(codeOf(await openPeopleRoot(certificate.toString('pem'))), 'root.form', what);
    }
  });
});

describe('a device’s certificate', () => {
  let people: People;
  let alice: Signer;
  const judge = (pem: string, nowUnixMs = NOW) => judgeDeviceCertificate(pem, people.root, nowUnixMs);

  before(async () => {
    people = await makePeople();
    alice = await people.device(ALICE);
  });

  it('says whose device it is, and with which key', async () => {
    const identity = granted(await judge(alice.certificate));
    assert.equal(identity.person, 'alice');
    assert.equal(identity.device, 'alice-1');
    assert.deepEqual(identity.publicKey, alice.publicKey);
    const other = await people.device(ALICE, 'ES384');
    assert.deepEqual(granted(await judge(other.certificate)).publicKey, other.publicKey);
  });

  it('is one for other software too, and holds no name of a person', () => {
    const [leaf, root] = [new NodeCertificate(alice.certificate), new NodeCertificate(people.root.pem)];
    assert.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey) && !leaf.ca);
    assert.equal(leaf.subject, 'CN=Belfry device');
    assert.equal(leaf.subjectAltName, 'URI:urn:belfry:person:alice, URI:urn:belfry:device:alice-1');
  });

  it('lasts 30 days, from the second it begins to the second it ends', async () => {
    const later = NOW + 100 * DAY_MS;
    const { certificate } = await people.device(ALICE, 'ES256', later);
    const { fromUnixMs, untilUnixMs } = granted(await judge(certificate, later)).validity;
    assert.equal(untilUnixMs - fromUnixMs, 30 * DAY_MS);
    for (const [nowUnixMs, code] of [
      [fromUnixMs - 1, 'certificate.not-yet'],
      [fromUnixMs, 'ok'],
      [untilUnixMs, 'ok'],
      [untilUnixMs + 1, 'certificate.expired'],
    ] as const)
      assert.equal(codeOf(await judge(certificate, nowUnixMs)), code);
  });

  it('never outlives its root, and ends with it', async () => {
    const late = people.root.validity.untilUnixMs - 5 * DAY_MS;
    const last = await people.device(ALICE, 'ES256', late);
    const { validity } = granted(await judge(last.certificate, late));
    assert.equal(validity.untilUnixMs, people.root.validity.untilUnixMs);
    assert.equal(codeOf(await judge(last.certificate, validity.untilUnixMs + 1)), 'certificate.root-over');
  });

  it('is refused of another authority, and with another’s name on it', async () => {
    const others = await makePeople();
    const foreign = await others.device(ALICE);
    assert.equal(codeOf(await judge(foreign.certificate)), 'certificate.other-root');
    const { subject } = new NodeCertificate(people.root.pem);
    const named = await forge(others.authority, { issuer: subject });
    assert.equal(codeOf(await judge(named)), 'certificate.other-root');
    const misnamed = await forge(people.authority, { issuer: 'CN=Belfry people authority 00000000' });
    assert.equal(codeOf(await judge(misnamed)), 'certificate.other-root');
  });

  it('is refused in every form that the authority does not write', async () => {
    const [basic, usages, use] = leafExtensions('device');
    const names = uris(...urisOf(ALICE));
    assert.ok(basic && usages && use);
    assert.equal(codeOf(await judge(await forge(people.authority))), 'ok');
    const cases: readonly (readonly [string, Forgery, string])[] = [
      [
        'an authority',
        { extensions: [new BasicConstraintsExtension(true, 0, true), usages, use, names] },
        'certificate.form',
      ],
      ['no constraints', { extensions: [usages, use, names] }, 'certificate.form'],
      [
        'may sign certificates',
        {
          extensions: [
            basic,
            new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
            use,
            names,
          ],
        },
        'certificate.form',
      ],
      [
        'an unknown extension',
        { extensions: [basic, usages, use, names, new Extension('1.2.3.4', true, new Uint8Array([5, 0]))] },
        'certificate.form',
      ],
      ['two of one extension', { extensions: [basic, usages, use, names, names] }, 'certificate.form'],
      ['no use', { extensions: [basic, usages, names] }, 'certificate.role'],
      ['an office', { extensions: [basic, usages, usageExtension('revocation'), names] }, 'certificate.role'],
      [
        'two uses',
        { extensions: [basic, usages, usageExtension('device', 'clearance'), names] },
        'certificate.role',
      ],
      [
        'for servers',
        { extensions: [basic, usages, new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]), names] },
        'certificate.role',
      ],
      ['31 days', { days: 31 }, 'certificate.too-long'],
      ['no names', { extensions: [basic, usages, use] }, 'certificate.names'],
      [
        'only a person',
        { extensions: [basic, usages, use, uris('urn:belfry:person:alice')] },
        'certificate.names',
      ],
      [
        'two persons',
        {
          extensions: [
            basic,
            usages,
            use,
            uris('urn:belfry:person:alice', 'urn:belfry:device:alice-1', 'urn:belfry:person:bob'),
          ],
        },
        'certificate.names',
      ],
      [
        'no id',
        { extensions: [basic, usages, use, uris('urn:belfry:person:a b', 'urn:belfry:device:d')] },
        'certificate.names',
      ],
      [
        'a name of another sort',
        {
          extensions: [
            basic,
            usages,
            use,
            new SubjectAlternativeNameExtension([
              { type: 'url', value: 'urn:belfry:person:alice' },
              { type: 'dns', value: 'urn:belfry:device:alice-1' },
            ]),
          ],
        },
        'certificate.names',
      ],
      [
        'more than is read',
        {
          extensions: [
            basic,
            usages,
            use,
            names,
            new Extension('1.2.3.4', false, new Uint8Array([4, 0x82, 0x10, 0, ...new Uint8Array(4_096)])),
          ],
        },
        'certificate.malformed',
      ],
      [
        'a host too',
        {
          extensions: [
            basic,
            usages,
            use,
            new SubjectAlternativeNameExtension([
              { type: 'url', value: 'urn:belfry:person:alice' },
              { type: 'url', value: 'urn:belfry:device:alice-1' },
              { type: 'dns', value: 'relay.local' },
            ]),
          ],
        },
        'certificate.names',
      ],
    ];
    for (const [what, forgery, code] of cases)
      assert.equal(codeOf(await judge(await forge(people.authority, forgery))), code, what);
  });

  it('is refused with a key of an algorithm that nothing here uses', async () => {
    const keys = (await crypto.subtle.generateKey({ name: 'Ed25519' }, false, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    assert.equal(codeOf(await judge(await forge(people.authority, { keys }))), 'certificate.key');
  });

  it('is refused with any bit turned over of what is signed', async () => {
    const der = Buffer.from(new NodeCertificate(alice.certificate).raw);
    // Around it tags and the signature's numbers have other spellings (RFC 5280 section 4.1.1): they say nothing.
    const end = 8 + der.readUInt16BE(6);
    for (let bit = 4 * 8; bit < end * 8; bit += 31) {
      const broken = der.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      const lines =
        Buffer.from(broken)
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
      assert.notEqual(codeOf(await judge(pem)), 'ok', `bit ${bit}`);
    }
  });

  it('is one certificate of bounded length, and a host’s is none', async () => {
    for (const pem of ['', `${alice.certificate}${alice.certificate}`, `x${alice.certificate}`])
      assert.equal(codeOf(await judge(pem)), 'certificate.malformed');
    const hosts = await createAuthority(permittedFor({ addresses: [], names: [] }), at);
    const server = await issueHostCertificate(hosts, { addresses: ['10.0.0.1'], names: [] }, at);
    assert.equal(codeOf(await judge(server.certificate)), 'certificate.other-root');
  });
});

describe('an office of the authority', () => {
  it('signs one sort of statement, and is no device', async () => {
    const people = await makePeople();
    const { certificate } = await people.office('revocation');
    const judge = (role: 'revocation' | 'clearance') =>
      judgeOfficeCertificate(role, certificate, people.root, NOW);
    assert.equal(codeOf(await judge('revocation')), 'ok');
    assert.equal(codeOf(await judge('clearance')), 'certificate.role');
    assert.equal(codeOf(await judgeDeviceCertificate(certificate, people.root, NOW)), 'certificate.role');
    const { certificate: alice } = await people.device(ALICE);
    assert.equal(
      codeOf(await judgeOfficeCertificate('revocation', alice, people.root, NOW)),
      'certificate.role',
    );
    const named = [...leafExtensions('revocation'), uris(...urisOf(ALICE))];
    const odd = await forge(people.authority, { extensions: named });
    assert.equal(
      codeOf(await judgeOfficeCertificate('revocation', odd, people.root, NOW)),
      'certificate.names',
    );
  });

  it('has a key that is found out where it is another’s', async () => {
    const people = await makePeople();
    const [one, two] = [
      await issueOffice(people.authority, 'clearance', at),
      await issueOffice(people.authority, 'clearance', at),
    ];
    const { publicKey } = granted(
      await judgeOfficeCertificate('clearance', one.certificate, people.root, NOW),
    );
    assert.equal(await signingKeyOf({ ...one, key: two.key }, publicKey), undefined);
    assert.ok(await signingKeyOf(one, publicKey));
  });
});
