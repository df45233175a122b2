import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings, type SettingSources } from '../../../src/config/load.ts';
import { flagOf, SETTING_NAMES, variableOf } from '../../../src/config/settings.ts';

const load = (sources: Partial<SettingSources> = {}) =>
  loadSettings({ flags: {}, environment: {}, ...sources });
const settingsOf = (sources: Partial<SettingSources>) => {
  const loaded = load(sources);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.value;
};
const refusalOf = (sources: Partial<SettingSources>) => {
  const loaded = load(sources);
  assert.ok(!loaded.ok);
  return loaded.refusal;
};
const fileOf = (text: string) => ({ path: 'belfry.json', read: () => text });

test('nothing given: loopback only', () => {
  const settings = settingsOf({});
  assert.equal(settings.host, undefined);
  assert.equal(settings.lan, false);
  assert.deepEqual(settings.announce, []);
  assert.equal(settings.metricsHost, '127.0.0.1');
  assert.deepEqual(settings.mediaAddresses, []);
  assert.equal(settings.workerBin, undefined);
});

test('a flag beats the environment, which beats the file, which beats the command', () => {
  const file = fileOf('{"port": 3, "metricsPort": 3, "mediaPort": 3}');
  const settings = settingsOf({
    flags: { port: '1' },
    environment: { BELFRY_PORT: '2', BELFRY_METRICS_PORT: '2' },
    file,
    defaults: { port: 4, metricsPort: 4, mediaPort: 4, workers: 4 },
  });
  assert.deepEqual([settings.port, settings.metricsPort, settings.mediaPort, settings.workers], [1, 2, 3, 4]);
});

test('figures answer by plain HTTP, so on loopback alone', () => {
  for (const metricsHost of ['127.0.0.1', '127.1.2.3', '::1'])
    assert.equal(settingsOf({ flags: { metricsHost } }).metricsHost, metricsHost);
  for (const metricsHost of ['0.0.0.0', '::', '192.0.2.1', 'localhost', '127.0.0.1.example'])
    assert.match(refusalOf({ flags: { metricsHost } }).message, /must be 127\.0\.0\.1 or ::1/);
});

test('a list is text with commas, or an array in the file', () => {
  const expected = ['192.0.2.1', '2001:db8::1'];
  assert.deepEqual(
    settingsOf({ flags: { mediaAddresses: '192.0.2.1, 2001:db8::1' } }).mediaAddresses,
    expected,
  );
  const file = fileOf('{"mediaAddresses": ["192.0.2.1", "2001:db8::1"]}');
  assert.deepEqual(settingsOf({ file }).mediaAddresses, expected);
});

test('a toggle is a flag without a value, or a word', () => {
  for (const yes of ['true', 'yes', '1'])
    assert.ok(settingsOf({ environment: { BELFRY_LAN: yes } }).lan, yes);
  for (const no of ['false', 'no', '0', ''])
    assert.ok(!settingsOf({ environment: { BELFRY_LAN: no } }).lan, no);
  assert.ok(settingsOf({ file: fileOf('{"lan": true}') }).lan);
  assert.match(refusalOf({ flags: { lan: 'on' } }).message, /--lan is "on": must be true or false/);
});

test('a public name is a host name, in lower case', () => {
  const named = (publicName: string) => settingsOf({ flags: { publicName } }).publicName;
  assert.equal(named('Relay.Local'), 'relay.local');
  assert.equal(named('relay'), 'relay');
  for (const publicName of [
    '192.0.2.1',
    'a b',
    'relay.',
    '-a',
    'https://relay',
    '*.local',
    '',
    'a'.repeat(64),
  ])
    assert.equal(refusalOf({ flags: { publicName } }).code, 'config.invalid', publicName);
});

test('state is kept where the platform keeps it', () => {
  const at = (environment: Record<string, string>) => settingsOf({ environment }).stateDir;
  assert.equal(at({ XDG_STATE_HOME: '/state', HOME: '/home/a' }), '/state/belfry');
  assert.equal(at({ XDG_STATE_HOME: 'relative', HOME: '/home/a' }), '/home/a/.local/state/belfry');
  assert.equal(at({ HOME: '/home/a' }), '/home/a/.local/state/belfry');
  assert.equal(at({}), '/var/lib/belfry');
  assert.equal(at({ HOME: '/home/a', BELFRY_STATE_DIR: '/elsewhere' }), '/elsewhere');
});

test('an error names the source, the value and what is expected', () => {
  const refusal = refusalOf({ environment: { BELFRY_PORT: '70000x' } });
  assert.equal(refusal.code, 'config.invalid');
  assert.match(refusal.message, /BELFRY_PORT is "70000x": must be a whole number from 0 to 65535/);
});

test('a name is no address: nothing is ever looked up', () => {
  assert.match(refusalOf({ flags: { host: 'localhost' } }).message, /--host is "localhost": .*not a name/);
});

test('a typo is refused, in the file and in the environment', () => {
  assert.equal(refusalOf({ file: fileOf('{"prot": 1}') }).code, 'config.unknown');
  assert.match(refusalOf({ environment: { BELFRY_PROT: '1' } }).message, /BELFRY_PROT/);
  assert.ok(load({ environment: { BELFRY_CACHE: '/tmp/x', PORT: 'x' } }).ok);
});

test('a file that is no JSON object is refused', () => {
  for (const text of ['[]', 'null', '{', ''])
    assert.equal(refusalOf({ file: fileOf(text) }).code, 'config.unreadable');
  const missing = {
    path: 'gone.json',
    read: () => {
      throw new Error('no such file');
    },
  };
  assert.match(refusalOf({ file: missing }).message, /gone\.json.*no such file/);
});

test('each setting has one flag and one variable', () => {
  assert.equal(flagOf('mediaAddresses'), 'media-addresses');
  assert.equal(variableOf('workerBin'), 'BELFRY_WORKER_BIN');
  assert.equal(new Set(SETTING_NAMES.map(flagOf)).size, SETTING_NAMES.length);
});

test('a TURN server is named by address, and none is by default', () => {
  assert.deepEqual(settingsOf({}).turnServers, []);
  assert.deepEqual(settingsOf({ flags: { turnServers: 'turn:10.0.0.5, turns:[FD00::5]:443' } }).turnServers, [
    'turn:10.0.0.5:3478?transport=udp',
    'turns:[fd00::5]:443?transport=tcp',
  ]);
  const { message } = refusalOf({ flags: { turnServers: 'turn:10.0.0.5,turn:turn.example' } });
  assert.match(message, /--turn-servers is .*: must be turn:ADDRESS.*not by name/);
  assert.equal(refusalOf({ file: fileOf('{"turnServers": [5]}') }).code, 'config.invalid');
});
