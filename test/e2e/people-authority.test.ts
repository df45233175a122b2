import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CLEARANCE } from '../../src/trust/markings/clearance.ts';
import { REVOCATION } from '../../src/trust/revocation/list.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { judgeDeviceCertificate, openPeopleRoot } from '../../src/trust/signing/people-certificate.ts';
import { openOfficeStatement } from '../../src/trust/signing/vouched.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { CANNOT_MOUNT, OWN_MOUNTS } from '../support/own-mounts.ts';
import { granted } from '../support/people.ts';
import { readVouched, requestText, scaleWithGroups } from '../support/people-folder.ts';

const newHome = (): string => mkdtempSync(join(tmpdir(), 'belfry-ca-'));

const ca = async (home: string, ...args: string[]) => {
  const run = runBelfry(['ca', ...args], { env: { XDG_STATE_HOME: home } });
  const { status } = await run.ended;
  return { status, output: run.output(), errors: run.errors() };
};
const done = async (home: string, ...args: string[]): Promise<string> => {
  const { status, output, errors } = await ca(home, ...args);
  assert.equal(status, 0, errors);
  return output;
};
const field = (output: string, name: string): string =>
  new RegExp(`^${name}: +(\\S+)`, 'm').exec(output)?.[1] ?? assert.fail(`no ${name} in ${output}`);

const initialised = async (): Promise<string> => {
  const home = newHome();
  const scale = join(home, 'scale.json');
  writeFileSync(scale, scaleWithGroups().text);
  await done(home, 'init', '--scale', scale);
  return home;
};
const enrolled = async (home: string, person: string) => {
  const code = field(await done(home, 'enroll', '--person', person), 'Code');
  const request = join(home, `${person}.json`);
  writeFileSync(request, await requestText(await newKeyPair(false), code));
  return request;
};

describe('belfry ca for people, in processes', () => {
  it('goes from nothing to a certified, cleared and revoked person, by files alone', async () => {
    const home = await initialised();
    const rootPath = join(home, 'root.pem');
    assert.match(await done(home, 'root', '--people', '--out', rootPath), /^Words: +\w+ \w+ \w+ \w+ · /m);
    const root = granted(await openPeopleRoot(readFileSync(rootPath, 'utf8')));

    const request = await enrolled(home, 'alice');
    const signed = await done(home, 'sign', request);
    const certificate = readFileSync(field(signed, 'File'), 'utf8');
    const identity = granted(await judgeDeviceCertificate(certificate, root, Date.now()));
    assert.deepEqual([identity.person, identity.device], ['alice', field(signed, 'Device')]);

    const out = join(home, 'clearance.json');
    const args = ['alice', '--level', 'secret', '--group', 'south', '--group', 'north', '--out', out];
    assert.match(await done(home, 'clear', ...args), /^Cleared: +SECRET\/GEHEIM, north, south$/m);
    const judge = { root, nowUnixMs: Date.now() };
    const cleared = await openOfficeStatement(CLEARANCE, 'clearance', readVouched(out), judge);
    assert.deepEqual(granted(cleared).value.label.groups, ['north', 'south']);

    await done(home, 'revoke', identity.device);
    const list = readVouched(field(await done(home, 'revoke', '--renew'), 'List'));
    const opened = granted(await openOfficeStatement(REVOCATION, 'revocation', list, judge));
    assert.deepEqual([opened.value.number, opened.value.devices], [3, [identity.device]]);
    const again = await ca(home, 'sign', request);
    assert.equal(again.status, 1);
    assert.match(again.errors, /\[people\.revoked\]/);
  });

  it('gives each list a number of its own, however many are asked for at the same time', async () => {
    const home = await initialised();
    const outputs = await Promise.all([1, 2, 3, 4].map(() => done(home, 'revoke', '--renew')));
    const numbers = outputs.map((output) => Number(/number (\d+)/.exec(output)?.[1])).sort();
    assert.deepEqual(numbers, [2, 3, 4, 5]);
  });

  it('says that its folder may not be written to', { skip: CANNOT_MOUNT }, async () => {
    const home = await initialised();
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
    const wrapper = ['unshare', ...OWN_MOUNTS, 'sh', '-c', readOnly, home];
    const revoke = runBelfry(['ca', 'revoke', '--renew'], { env: { XDG_STATE_HOME: home }, wrapper });
    const { status } = await revoke.ended;
    assert.equal(status, 1);
    assert.match(
      revoke.errors(),
      /^belfry: .*lock cannot be locked: .*\[people\.busy\]\n.*may be written to/,
    );
  });

  it('is finished by init when init was killed', async () => {
    const home = newHome();
    const folder = join(home, 'belfry-people');
    const first = runBelfry(['ca', 'init'], { env: { XDG_STATE_HOME: home } });
    const begun = Promise.withResolvers<void>();
    const watcher = watch(home, () => begun.resolve());
    await Promise.race([begun.promise, first.ended]);
    watcher.close();
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await ca(home, 'init');
    // The kill may come too late: then there is nothing to finish.
    if (second.status !== 0) assert.match(second.errors, /\[people\.exists\]/);
    await done(home, 'enroll');
    assert.ok(existsSync(join(folder, 'revocation.json')));
  });
});
