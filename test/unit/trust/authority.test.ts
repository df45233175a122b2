import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes, X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { HostNames } from '../../../src/trust/hosts/permitted.ts';
import { permittedFor } from '../../../src/trust/hosts/permitted.ts';
import { DAY_MS } from '../../../src/trust/hosts/validity.ts';
import { createAuthority, issueHostCertificate } from '../../../src/trust/signing/authority.ts';
import { readHostCertificate, readRoot } from '../../../src/trust/signing/certificate.ts';
import type { KeyedCertificate } from '../../../src/trust/signing/issuing.ts';
import { refusalOfHandshake } from '../../support/tls-handshake.ts';

const at = { nowUnixMs: Date.now(), randomBytes: (size: number) => new Uint8Array(nodeRandomBytes(size)) };
const HOSTS = { addresses: ['192.168.7.1', 'fd00::2', '127.0.0.1'], names: ['relay.local'] };
const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;

describe('an authority for hosts', () => {
  let root: KeyedCertificate;
  let server: KeyedCertificate;
  const issued = (hosts: HostNames) => issueHostCertificate(root, hosts, at);

  before(async () => {
    root = await createAuthority(permittedFor(HOSTS), at);
    server = await issued(HOSTS);
  });

  it('signs what Node takes for its own, each with a key of its own', async () => {
    const [ca, leaf] = [new X509Certificate(root.certificate), new X509Certificate(server.certificate)];
    assert.ok(ca.ca && !leaf.ca);
    assert.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey) && ca.verify(ca.publicKey));
    const other = new X509Certificate((await issued(HOSTS)).certificate);
    assert.notEqual(other.serialNumber, leaf.serialNumber);
    assert.ok(!other.publicKey.equals(leaf.publicKey));
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'for servers only');
  });

  it('keeps to what browsers accept: at most 397 days, and a root of ten years', () => {
    const [ca, leaf] = [new X509Certificate(root.certificate), new X509Certificate(server.certificate)];
    assert.equal(days(leaf.validFrom, leaf.validTo), 397);
    assert.ok(Math.abs(days(ca.validFrom, ca.validTo) - 3653) < 1);
    assert.ok(Date.parse(leaf.validFrom) < at.nowUnixMs);
  });

  it('never lets a certificate outlive its root', async () => {
    const late = { ...at, nowUnixMs: at.nowUnixMs + 3_600 * DAY_MS };
    const leaf = new X509Certificate((await issueHostCertificate(root, HOSTS, late)).certificate);
    assert.equal(leaf.validTo, new X509Certificate(root.certificate).validTo);
  });

  it('is read back as it was written', async () => {
    const facts = await readRoot(root.certificate);
    assert.match(facts.subject, /^CN=Belfry host authority [0-9a-f]{8}$/);
    const hex = new X509Certificate(root.certificate).fingerprint256.replaceAll(':', '').toLowerCase();
    assert.equal(Buffer.from(facts.sha256).toString('hex'), hex);
    assert.ok(facts.permitted?.domains.includes('local'));
    const read = await readHostCertificate(server.certificate, root.certificate);
    assert.deepEqual(read.hosts, HOSTS);
    assert.ok(read.isOfRoot);
    const stranger = await createAuthority(permittedFor(HOSTS), at);
    assert.ok(!(await readHostCertificate(server.certificate, stranger.certificate)).isOfRoot);
  });

  it('is accepted in a handshake for each name and address by who has the root', async () => {
    for (const to of [...HOSTS.addresses, ...HOSTS.names])
      assert.equal(await refusalOfHandshake({ server, ca: root.certificate, to }), undefined, to);
  });

  it('is refused without the root, by another root, and for another host', async () => {
    const stranger = await createAuthority(permittedFor(HOSTS), at);
    const to = '127.0.0.1';
    assert.match((await refusalOfHandshake({ server, to })) ?? '', /unable to verify/);
    assert.ok(await refusalOfHandshake({ server, ca: stranger.certificate, to }));
    for (const other of ['192.168.7.2', 'other.local'])
      assert.match(
        (await refusalOfHandshake({ server, ca: root.certificate, to: other })) ?? '',
        /does not match/,
      );
  });

  it('cannot vouch for what is outside its constraints, whoever holds its key', async () => {
    const outside: HostNames[] = [
      { addresses: [], names: ['bank.be'] },
      { addresses: ['8.8.8.8'], names: [] },
      { addresses: ['2a00::1'], names: [] },
      { addresses: ['127.0.0.1', '8.8.8.8'], names: ['relay.local'] },
    ];
    for (const hosts of outside) {
      const to = hosts.names[0] ?? hosts.addresses[0] ?? '';
      const refusal = await refusalOfHandshake({ server: await issued(hosts), ca: root.certificate, to });
      assert.match(refusal ?? '', /permitted subtree violation/, to);
    }
  });

  it('cannot make another authority', async () => {
    const between = await issueHostCertificate(server, { addresses: ['127.0.0.1'], names: [] }, at);
    const chain = { certificate: between.certificate + server.certificate, key: between.key };
    const refusal = await refusalOfHandshake({ server: chain, ca: root.certificate, to: '127.0.0.1' });
    assert.match(refusal ?? '', /does not include certificate signing/);
  });

  it('vouches for no client, and so for no person', async () => {
    const refusal = await refusalOfHandshake({
      server,
      ca: root.certificate,
      to: '127.0.0.1',
      client: server,
    });
    assert.match(refusal ?? '', /INVALID_PURPOSE|unsuitable|purpose/i);
  });
});
