import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRecord } from '../../src/app/record/record.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { CODE_BYTES, writeCode } from '../../src/trust/devices/codes.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { PeopleHome } from '../support/people-home.ts';

const finish = async (args: readonly string[], options: Parameters<typeof runBelfry>[1] = {}) => {
  const run = runBelfry(args, options);
  const { status } = await run.ended;
  return { status, output: run.output(), errors: run.errors() };
};

test('--help names every command, and each explains itself', async () => {
  const { status, output } = await finish(['--help']);
  assert.equal(status, 0);
  for (const command of ['serve', 'demo', 'check', 'ca', 'turn', 'audit', 'store', 'doctor']) {
    assert.match(output, new RegExp(`^  ${command} `, 'm'));
    const help = await finish([command, '--help']);
    assert.equal(help.status, 0);
    assert.match(help.output, new RegExp(`^Usage: belfry ${command}`));
  }
});

test('a wrong command line is status 2 and says the way out', async () => {
  const wrong = [
    [],
    ['srve'],
    ['serve', '--prot', '1'],
    ['serve', 'extra'],
    ['serve', '--port'],
    ['ca'],
    ['ca', 'rot'],
    ['turn'],
  ];
  for (const args of wrong) {
    const { status, errors } = await finish(args);
    assert.equal(status, 2, args.join(' '));
    assert.match(errors, /Usage:|--help/, args.join(' '));
  }
});

test('serve without people is status 2, and says how they come to be', async () => {
  const { status, errors } = await finish(['serve']);
  assert.equal(status, 2);
  assert.match(errors, /\[usage\.people\][\s\S]*ca init[\s\S]*docs\/enrolment\.md/);
});

test('a wrong setting is status 2 and names where it came from', async () => {
  const flag = await finish(['serve', '--port', 'http']);
  assert.equal(flag.status, 2);
  assert.match(flag.errors, /--port is "http": must be a whole number.*\[config\.invalid\]/);
  const variable = await finish(['doctor'], { env: { BELFRY_PROT: '1' } });
  assert.equal(variable.status, 2);
  assert.match(variable.errors, /BELFRY_PROT/);
});

test('an export of which no record says anything is status 1, and says so', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'belfry-export-'));
  try {
    const options = { clock: systemClock, randomBytes: secureRandomBytes, logger: silentLogger };
    const { audit } = await openRecord({ stateDir, ...options });
    audit.close();
    for (const asked of [
      ['--meeting', 'nobody-met'],
      ['--reference', 'ABCD-EFGH'],
    ]) {
      const { status, output, errors } = await finish(['audit', 'export', '--state-dir', stateDir, ...asked]);
      assert.deepEqual([status, output], [1, '']);
      assert.match(errors, /\[audit\.nothing-found\]\n {2}What to do: /);
    }
    assert.equal((await finish(['audit', 'export', '--state-dir', stateDir])).status, 0);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});

test('check without a link says what it wants', async () => {
  const { status, errors } = await finish(['check']);
  assert.equal(status, 2);
  assert.match(errors, /usage\.no-link/);
});

test('check wants three links, each with a code', async () => {
  const meeting = 'AAAAAAAAAAAAAAAAAAAAAA';
  const link = `http://127.0.0.1:9/#meeting=${meeting}&charter=${'A'.repeat(43)}&root=${'0'.repeat(64)}`;
  const noCode = await finish(['check'], { input: `${link}\n` });
  assert.deepEqual([noCode.status, /selfcheck\.no-code/.test(noCode.errors)], [2, true], noCode.errors);
  const one = await finish(['check'], { input: `${link}&code=${writeCode(new Uint8Array(CODE_BYTES))}\n` });
  assert.deepEqual([one.status, /selfcheck\.links/.test(one.errors)], [2, true], one.errors);
});

test('check with a root that is none says so', async () => {
  for (const file of ['/nowhere/root.pem', 'package.json']) {
    const { status, errors } = await finish(['check', '--ca', file]);
    assert.equal(status, 2);
    assert.match(errors, /usage\.ca/);
  }
});

test('ca root without an authority says what makes one', async () => {
  const { status, errors } = await finish(['ca', 'root', '--state-dir', '/nowhere/belfry']);
  assert.equal(status, 1);
  assert.match(errors, /trust\.none[\s\S]*serve --lan/);
});

test('a missing worker is an error with a code, at once', async () => {
  const { status, errors } = await finish(['demo', '--once', '--worker-bin', '/nowhere/mediasoup-worker']);
  assert.equal(status, 1);
  assert.match(errors, /\/nowhere\/mediasoup-worker.*\[worker\.missing\]/);
});

test('a port in use is an error with a code, and nothing stays behind', async () => {
  const [people, home] = [await PeopleHome.open(), mkdtempSync(join(tmpdir(), 'belfry-port-'))];
  const flags = ['--metrics-port', '0', '--media-port', '0', '--workers', '1', ...people.flags];
  const first = runBelfry(['serve', '--port', '0', ...flags, '--state-dir', join(home, 'first')]);
  try {
    const [, port = ''] = await first.printed(/Relay: +ws:\/\/127\.0\.0\.1:(\d+)/);
    const second = await finish(['serve', '--port', port, ...flags, '--state-dir', join(home, 'second')]);
    assert.equal(second.status, 1);
    assert.match(second.errors, new RegExp(`${port}`));
    assert.equal(await first.stop(), 0);
  } finally {
    await first.stop();
    await people.end();
    rmSync(home, { recursive: true });
  }
});

test('doctor finds this machine fit and looks up no name', async () => {
  const { status, output } = await finish([
    'doctor',
    '--port',
    '0',
    '--metrics-port',
    '0',
    '--media-port',
    '0',
  ]);
  assert.equal(status, 0, output);
  for (const name of [
    'Node',
    'media worker',
    'open files',
    'buffers',
    'clock',
    'ports',
    'reach',
    'certificate',
    'names',
  ])
    assert.match(output, new RegExp(`^(ok  |warn)  ${name} `, 'm'));
  assert.match(output, /no name was looked up/);
});
