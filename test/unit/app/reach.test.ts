import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCertificate } from '../../../src/app/doctor/certificate.ts';
import { checkReach } from '../../../src/app/doctor/reach.ts';
import { detectAddresses, isLan, reachOf } from '../../../src/app/reach/reach.ts';
import { loadSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';

const LOOPBACK = [
  { device: 'lo', address: '127.0.0.1' },
  { device: 'lo', address: '::1' },
];
const OWN = [
  { device: 'lo', address: '127.0.0.1' },
  { device: 'eth0', address: '192.168.7.1' },
  { device: 'docker0', address: '172.17.0.1' },
  { device: 'br-0a1b', address: '172.18.0.1' },
  { device: 'eth1', address: '169.254.3.4' },
  { device: 'lo', address: '::1' },
  { device: 'eth0', address: 'fd00::2' },
  { device: 'eth0', address: 'fe80::1' },
  { device: 'eth0', address: 'fea0::1' },
];

const settingsOf = (defaults: Partial<Settings>): Settings => {
  const loaded = loadSettings({ flags: {}, environment: {}, defaults });
  assert.ok(loaded.ok);
  return loaded.value;
};
const reach = (defaults: Partial<Settings>, own = OWN) => reachOf(settingsOf(defaults), own);

test('told nothing, the relay stays on loopback, in plain HTTP', () => {
  const { secure, host, mediaAddresses, publicHost } = reach({});
  assert.ok(!secure);
  assert.deepEqual([host, publicHost], ['127.0.0.1', '127.0.0.1']);
  assert.deepEqual(mediaAddresses, ['127.0.0.1', '::1']);
  assert.deepEqual(reach({}, LOOPBACK.slice(0, 1)).mediaAddresses, ['127.0.0.1']);
});

test('detection leaves out loopback, link-local and container bridges, and is bounded', () => {
  assert.deepEqual(detectAddresses(OWN), ['192.168.7.1', 'fd00::2']);
  const many = Array.from({ length: 40 }, (_, i) => ({ device: 'eth0', address: `10.0.0.${i}` }));
  assert.equal(detectAddresses(many).length, 8);
});

test('--lan: every address is listened on, those detected are told, media listens there and on loopback', () => {
  const lan = reach({ lan: true });
  assert.ok(lan.secure);
  assert.equal(lan.host, '::');
  assert.deepEqual(lan.announced, ['192.168.7.1', 'fd00::2']);
  assert.equal(lan.publicHost, '192.168.7.1');
  assert.deepEqual(lan.mediaAddresses, ['192.168.7.1', 'fd00::2', '127.0.0.1', '::1']);
  assert.deepEqual(lan.hosts, { addresses: lan.mediaAddresses, names: [] });
  const ipv4Only = OWN.filter(({ address }) => !address.includes(':'));
  assert.equal(reach({ lan: true }, ipv4Only).host, '0.0.0.0');
});

test('an address that is not loopback means TLS, and is the one that is told', () => {
  for (const host of ['192.168.7.1', '0.0.0.0', '::', 'fd00::2'])
    assert.ok(isLan(settingsOf({ host })), host);
  for (const host of ['127.0.0.1', '127.0.0.5', '::1']) assert.ok(!isLan(settingsOf({ host })), host);
  const one = reach({ host: 'fd00::2' });
  assert.deepEqual([one.secure, one.host, ...one.announced], [true, 'fd00::2', 'fd00::2']);
  assert.deepEqual(reach({ host: '::' }).announced, ['192.168.7.1', 'fd00::2']);
});

test('what is set goes before what is detected', () => {
  const set = reach({
    lan: true,
    announce: ['FD00:0::9', '10.0.0.9'],
    mediaAddresses: ['10.0.0.9'],
    publicName: 'relay.local',
  });
  assert.deepEqual(set.announced, ['fd00::9', '10.0.0.9']);
  assert.deepEqual(set.mediaAddresses, ['10.0.0.9']);
  assert.equal(set.publicHost, 'relay.local');
  assert.deepEqual(set.hosts, {
    addresses: ['fd00::9', '10.0.0.9', '127.0.0.1', '::1'],
    names: ['relay.local'],
  });
});

test('addresses that nobody can go to are refused', () => {
  assert.throws(() => reach({ lan: true, announce: ['0.0.0.0'] }), { code: 'reach.address' });
  assert.throws(() => reach({ lan: true }, LOOPBACK), { code: 'reach.address' });
});

test('doctor warns of loopback alone, and of addresses that are not of this machine', async () => {
  const alone = checkReach(settingsOf({}), OWN);
  assert.equal(alone.verdict, 'warn');
  assert.match(alone.remedy ?? '', /--lan/);
  assert.equal(checkReach(settingsOf({ lan: true }), OWN).verdict, 'ok');
  const foreign = checkReach(settingsOf({ lan: true, announce: ['10.9.9.9'] }), OWN);
  assert.equal(foreign.verdict, 'warn');
  assert.match(foreign.detail, /10\.9\.9\.9/);
  assert.equal((await checkCertificate(settingsOf({}), OWN, 0)).verdict, 'ok');
});
