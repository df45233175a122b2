import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes as nodeRandomBytes, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findAuthority, openAuthority, openHostCertificate } from '../../../src/app/authority/authority.ts';
import {
  openIdentity,
  RENEWAL_CHECK_MS,
  type ServerCertificate,
} from '../../../src/app/authority/identity.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { DAY_MS } from '../../../src/trust/hosts/validity.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOSTS = { addresses: ['192.168.7.1', '127.0.0.1'], names: ['relay.local'] };
const randomBytes = (size: number) => new Uint8Array(nodeRandomBytes(size));
const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'belfry-state-')), 'belfry');
const at = (folder: string, nowUnixMs = NOW) => ({ folder, nowUnixMs, randomBytes });
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('an authority is made once, kept for its owner alone, and found again', async () => {
  const folder = newFolder();
  assert.equal(await findAuthority(folder, NOW), undefined);
  const made = await openAuthority(HOSTS, at(folder));
  const found = await openAuthority(HOSTS, at(folder, NOW + DAY_MS));
  assert.deepEqual(found.keyed, made.keyed);
  assert.equal(modeOf(folder), '700');
  assert.equal(modeOf(join(folder, 'authority.pem')), '600');
  assert.equal(modeOf(made.rootPath), '644');
  const root = readFileSync(made.rootPath, 'utf8');
  assert.equal(root, made.keyed.certificate);
  assert.ok(!root.includes('PRIVATE KEY'));
  assert.deepEqual(readdirSync(folder).sort(), ['authority.pem', 'root.pem'], 'nothing stays behind');
});

test('a mask of the process does not change who may read', async () => {
  const folder = newFolder();
  const before = process.umask(0);
  try {
    await openAuthority(HOSTS, at(folder));
  } finally {
    process.umask(before);
  }
  assert.equal(modeOf(join(folder, 'authority.pem')), '600');
});

test('many processes that start at once have one authority', { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const program = fileURLToPath(new URL('../../support/make-authority.ts', import.meta.url));
  const children = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const outputs = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]());
  for (const output of outputs) assert.equal((await output.next()).value, 'ready');
  for (const child of children) child.stdin.end('go\n');
  const digests = await Promise.all(outputs.map(async (output) => (await output.next()).value));
  assert.match(String(digests[0]), /^[0-9a-f]{64}$/);
  assert.equal(new Set(digests).size, 1);
  assert.deepEqual(readdirSync(folder).sort(), ['authority.pem', 'root.pem']);
});

test('a key that others may read is refused, with the command that helps', async () => {
  const folder = newFolder();
  await openAuthority(HOSTS, at(folder));
  const path = join(folder, 'authority.pem');
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    chmodSync(path, mode);
    await assert.rejects(
      openAuthority(HOSTS, at(folder)),
      (error: Error & { code?: string; remedy?: string }) => {
        assert.equal(error.code, 'trust.permissions');
        assert.match(error.message, new RegExp(`authority\\.pem: its mode is ${mode.toString(8)}`));
        assert.match(error.remedy ?? '', /^chmod go= /);
        return true;
      },
    );
  }
  chmodSync(path, 0o600);
  await openAuthority(HOSTS, at(folder));
});

test('a folder that others may change is refused', async () => {
  const folder = newFolder();
  mkdirSync(folder, { mode: 0o700, recursive: true });
  chmodSync(folder, 0o777);
  await assert.rejects(openAuthority(HOSTS, at(folder)), { code: 'trust.permissions' });
});

test('a place that is no folder is refused', async () => {
  const folder = newFolder();
  const file = join(folder, '..', 'file');
  writeFileSync(file, '');
  await assert.rejects(openAuthority(HOSTS, at(join(file, 'below'))), { code: 'trust.state-dir' });
});

test('a damaged authority is never replaced silently', async () => {
  const folder = newFolder();
  await openAuthority(HOSTS, at(folder));
  const path = join(folder, 'authority.pem');
  const whole = readFileSync(path, 'utf8');
  for (const text of [
    '',
    whole.slice(0, 400),
    whole.replace(/[\s\S]{9}\n-----END CERT/, 'AAAAAAAA=\n-----END CERT'),
  ]) {
    writeFileSync(path, text);
    await assert.rejects(openAuthority(HOSTS, at(folder)), { code: 'trust.damaged' });
    assert.equal(readFileSync(path, 'utf8'), text);
  }
});

test('a key of another certificate is found out before anybody is shown what it signs', async () => {
  const [folder, other] = [newFolder(), newFolder()];
  const { keyed } = await openAuthority(HOSTS, at(folder));
  const foreign = await openAuthority(HOSTS, at(other));
  writeFileSync(join(folder, 'authority.pem'), `${keyed.certificate}${foreign.keyed.key}`);
  const authority = await openAuthority(HOSTS, at(folder));
  await assert.rejects(openHostCertificate(authority, HOSTS, at(folder)), { code: 'trust.damaged' });
});

test('an authority that is over, or not yet begun, is refused', async () => {
  const folder = newFolder();
  await openAuthority(HOSTS, at(folder));
  for (const now of [NOW + 4_000 * DAY_MS, NOW - 2 * DAY_MS])
    await assert.rejects(openAuthority(HOSTS, at(folder, now)), { code: 'trust.root-expired' });
});

test('a certificate is kept until it is short, or for other hosts', async () => {
  const folder = newFolder();
  const authority = await openAuthority(HOSTS, at(folder));
  const open = (hosts = HOSTS, nowUnixMs = NOW) =>
    openHostCertificate(authority, hosts, at(folder, nowUnixMs));
  const first = await open();
  assert.ok(first.renewed);
  assert.equal(modeOf(join(folder, 'relay.pem')), '600');
  assert.deepEqual(await open(), { ...first, renewed: false });
  assert.ok(!(await open(HOSTS, NOW + 366 * DAY_MS)).renewed, '30 days are left');
  const late = await open(HOSTS, NOW + 367 * DAY_MS);
  assert.ok(late.renewed, '29 days are left');
  assert.notEqual(late.keyed.key, first.keyed.key);
  const moved = await open({ ...HOSTS, addresses: ['192.168.7.9', '127.0.0.1'] }, NOW + 367 * DAY_MS);
  assert.ok(moved.renewed);
  assert.match(new X509Certificate(moved.keyed.certificate).subjectAltName ?? '', /192\.168\.7\.9/);
});

test('a damaged certificate, or one of another authority, is made anew', async () => {
  const [folder, other] = [newFolder(), newFolder()];
  const authority = await openAuthority(HOSTS, at(folder));
  const foreign = await openHostCertificate(await openAuthority(HOSTS, at(other)), HOSTS, at(other));
  for (const text of ['nonsense', `${foreign.keyed.certificate}${foreign.keyed.key}`]) {
    writeFileSync(join(folder, 'relay.pem'), text, { mode: 0o600 });
    const made = await openHostCertificate(authority, HOSTS, at(folder));
    assert.ok(made.renewed);
    const root = new X509Certificate(authority.keyed.certificate);
    assert.ok(new X509Certificate(made.keyed.certificate).verify(root.publicKey));
  }
});

test('what the authority may not vouch for is refused before devices would refuse it', async () => {
  const folder = newFolder();
  const authority = await openAuthority(HOSTS, at(folder));
  const hosts = { addresses: ['8.8.8.8'], names: ['bank.be'] };
  await assert.rejects(openHostCertificate(authority, hosts, at(folder)), {
    code: 'trust.not-permitted',
    message: /bank\.be, 8\.8\.8\.8/,
  });
});

test('a running relay renews by itself, and goes on when that fails', async () => {
  const folder = newFolder();
  const clock = new FakeClock(NOW);
  const errors: string[] = [];
  let failed = Promise.withResolvers<void>();
  const logger = {
    ...silentLogger,
    error(event: string) {
      errors.push(event);
      failed.resolve();
    },
  };
  const identity = await openIdentity({ folder, hosts: HOSTS, clock, randomBytes, logger });
  let next = Promise.withResolvers<ServerCertificate>();
  const cancel = identity.keepFresh((certificate) => next.resolve(certificate));

  clock.advance(367 * DAY_MS);
  const renewed = await next.promise;
  assert.notEqual(renewed.cert, identity.certificate.cert);
  assert.ok(Date.parse(new X509Certificate(renewed.cert).validTo) > NOW + 700 * DAY_MS);

  chmodSync(join(folder, 'relay.pem'), 0o644);
  clock.advance(RENEWAL_CHECK_MS);
  await failed.promise;
  assert.equal(errors[0], 'certificate-renewal-failed');
  chmodSync(join(folder, 'relay.pem'), 0o600);
  next = Promise.withResolvers();
  failed = Promise.withResolvers();
  clock.advance(367 * DAY_MS);
  assert.notEqual((await next.promise).cert, renewed.cert);
  cancel();
  assert.equal(clock.pendingTimers, 0);
});
