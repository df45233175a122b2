import assert from 'node:assert/strict';
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority, openHostCertificate } from '../../../src/app/authority/authority.ts';
import { checkCertificate } from '../../../src/app/doctor/certificate.ts';
import { reachOf } from '../../../src/app/reach/reach.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { DAY_MS } from '../../../src/trust/hosts/validity.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const OWN = [{ device: 'eth0', address: '192.168.7.1' }];
const randomBytes = (size: number) => new Uint8Array(nodeRandomBytes(size));

const lanSettings = (stateDir: string) => {
  const loaded = loadSettings({ flags: {}, environment: {}, defaults: { lan: true, stateDir } });
  assert.ok(loaded.ok);
  return loaded.value;
};

test('doctor judges the kept certificate and makes none', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'belfry-state-')), 'belfry');
  const settings = lanSettings(folder);
  const check = (nowUnixMs = NOW, own = OWN) => checkCertificate(settings, own, nowUnixMs);

  assert.match((await check()).detail, /first start will make/);
  assert.ok(!existsSync(folder));

  const { hosts } = reachOf(settings, OWN);
  const at = { folder, nowUnixMs: NOW, randomBytes };
  await openHostCertificate(await openAuthority(hosts, at), hosts, at);
  const kept = await check();
  assert.equal(kept.verdict, 'ok');
  assert.match(kept.detail, /valid for 396 days, the root for 3652, for 192\.168\.7\.1, 127\.0\.0\.1/);

  assert.match((await check(NOW + 370 * DAY_MS)).detail, /next start will make a new certificate/);
  assert.match((await check(NOW, [{ device: 'eth0', address: '192.168.7.2' }])).detail, /new certificate/);
  assert.equal((await check(NOW + 3_400 * DAY_MS)).verdict, 'warn');
  assert.equal((await check(NOW + 4_000 * DAY_MS)).verdict, 'fail');
  const outside = await check(NOW, [{ device: 'eth0', address: '8.8.8.8' }]);
  assert.equal(outside.verdict, 'fail');
  assert.match(outside.detail, /8\.8\.8\.8/);

  chmodSync(join(folder, 'authority.pem'), 0o644);
  const open = await check();
  assert.equal(open.verdict, 'fail');
  assert.match(open.remedy ?? '', /chmod/);
});
