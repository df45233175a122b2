import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { findPeopleRoot } from '../../src/app/people/authority.ts';
import { systemClock } from '../../src/base/platform.ts';
import { type EnrolOptions, enrol, renew } from '../../src/client/enrol/enrol.ts';
import type { Fetch } from '../../src/client/enrol/fetch-port.ts';
import { SCALE } from '../../src/trust/markings/scale.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { granted } from '../support/people.ts';
import { readVouched } from '../support/people-folder.ts';
import { originOf } from '../support/people-home.ts';

const ca = async (...args: string[]) => {
  const run = runBelfry(['ca', ...args]);
  const { status } = await run.ended;
  return { status, output: run.output(), errors: run.errors() };
};
const PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];

it('a relay carries requests, a desk answers them, killed and started again', {
  timeout: 60_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-enrolment-'));
  const [folder, mailbox] = [join(home, 'people'), join(home, 'mailbox')];
  assert.equal((await ca('init', '--folder', folder)).status, 0);
  const code = async (person: string) => {
    const { output } = await ca('enroll', '--folder', folder, '--person', person);
    return /^Code: +(\S+)/m.exec(output)?.[1] ?? assert.fail(output);
  };
  const out = join(home, 'public');
  const published = await ca('publish', '--folder', folder, '--out', out);
  assert.match(published.output, /people-root\.pem, scale\.signed\.json, revocation\.json/);
  const kept = ['--people', out, '--enrolment', mailbox, '--state-dir', join(home, 'relay')];
  const serve = runBelfry(['serve', ...kept, ...PORTS]);
  const startDesk = async () => {
    const desk = runBelfry(['ca', 'desk', '--folder', folder, '--mailbox', mailbox]);
    await desk.printed(/Answering until Ctrl-C/);
    return desk;
  };
  let desk = await startDesk();
  try {
    const origin = await originOf(serve);
    const { root } = await findPeopleRoot(folder);
    const options: EnrolOptions = {
      origin,
      rootSha256: root.sha256,
      keys: await newKeyPair(false),
      fetch: fetch as Fetch,
      clock: systemClock,
    };
    const first = granted(await enrol(options, await code('alice')));
    await desk.printed(new RegExp(`Enrolled: ${first.identity.device} of alice, until 20`));

    desk.child.kill('SIGKILL');
    await desk.ended;
    let waits: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const renewing = renew({ ...options, onWaiting: waits });
    await waiting;
    assert.equal(readdirSync(join(mailbox, 'requests')).length, 1, 'it waits for a desk');
    desk = await startDesk();
    assert.equal(granted(await renewing).identity.device, first.identity.device);
    await desk.printed(/Renewed: /);
    assert.deepEqual(readdirSync(join(mailbox, 'requests')), []);

    assert.equal(readFileSync(join(out, 'people-root.pem'), 'utf8'), root.pem);
    const judge = { root, nowUnixMs: Date.now() };
    const scale = await openOfficeStatement(
      SCALE,
      'clearance',
      readVouched(join(out, 'scale.signed.json')),
      judge,
    );
    assert.equal(granted(scale).value.levels.length, 4);
  } finally {
    assert.equal(await desk.stop(), 0);
    await serve.stop();
  }
});

it('a desk publishes at its start and after each revocation', { timeout: 60_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-publish-'));
  const [folder, out] = [join(home, 'people'), join(home, 'public')];
  assert.equal((await ca('init', '--folder', folder)).status, 0);
  assert.equal((await ca('enroll', '--folder', folder, '--person', 'alice')).status, 0);
  const mailbox = ['--mailbox', join(home, 'mailbox')];
  const desk = runBelfry(['ca', 'desk', '--folder', folder, ...mailbox, '--publish', out]);
  try {
    await desk.printed(/Written: [\s\S]*Answering until Ctrl-C/);
    assert.equal((await ca('revoke', 'alice', '--folder', folder)).status, 0);
    await desk.printed(/Written: [\s\S]*Written: /);
    const [published, kept] = [out, folder].map((path) =>
      readFileSync(join(path, 'revocation.json'), 'utf8'),
    );
    assert.equal(published, kept);
  } finally {
    assert.equal(await desk.stop(), 0);
  }
});

it('belfry ca desk and publish say what is missing', async () => {
  for (const command of ['desk', 'publish']) {
    const { status, errors } = await ca(command);
    assert.equal(status, 2);
    assert.match(errors, /--(?:mailbox|out) is missing/);
  }
  const none = await ca(
    'desk',
    '--folder',
    '/nowhere/people',
    '--mailbox',
    mkdtempSync(join(tmpdir(), 'belfry-mailbox-')),
    '--once',
  );
  assert.equal(none.status, 1);
  assert.match(none.errors, /people\.none/);
});
