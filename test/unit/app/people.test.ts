import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findPeopleRoot } from '../../../src/app/people/authority.ts';
import { clear } from '../../../src/app/people/clearances.ts';
import { enroll, sign } from '../../../src/app/people/enrolment.ts';
import { initPeople } from '../../../src/app/people/init.ts';
import { renewList, revokeId } from '../../../src/app/people/lists.ts';
import { MAX_RENEWALS, RENEWALS_WITHIN_MS } from '../../../src/app/people/register.ts';
import { CODE_VALID_MS } from '../../../src/trust/devices/codes.ts';
import { DAY_MS } from '../../../src/trust/hosts/validity.ts';
import { CLEARANCE } from '../../../src/trust/markings/clearance.ts';
import { LIST_VALID_MS, REVOCATION, type RevocationList } from '../../../src/trust/revocation/list.ts';
import { newKeyPair } from '../../../src/trust/signing/keys.ts';
import { judgeDeviceCertificate } from '../../../src/trust/signing/people-certificate.ts';
import { openOfficeStatement } from '../../../src/trust/signing/vouched.ts';
import { granted, NOW, person } from '../../support/people.ts';
import {
  contentsOf,
  enrolDevice,
  inFolder,
  newPeople,
  newPeopleFolder,
  readVouched,
  requestText,
  scaleWithGroups,
} from '../../support/people-folder.ts';

const ALICE = person('alice');
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** In the order in which `ca init` makes them. */
const STEPS = [
  'people-authority.pem',
  'revocation-office.pem',
  'clearance-office.pem',
  'register.json',
  'scale.json',
  'people-root.pem',
];

const listIn = async (folder: string, nowUnixMs = NOW): Promise<RevocationList> => {
  const { root } = await findPeopleRoot(folder);
  const vouched = readVouched(join(folder, 'revocation.json'));
  return granted(await openOfficeStatement(REVOCATION, 'revocation', vouched, { root, nowUnixMs })).value;
};

describe('the authority for people in its folder', () => {
  it('is made once, kept for its owner alone, and leaves nothing behind', async () => {
    const folder = newPeopleFolder();
    const { root } = await newPeople(folder);
    assert.equal(modeOf(folder), '700');
    assert.deepEqual(readdirSync(folder).sort(), [...STEPS, 'lock', 'revocation.json'].sort());
    for (const name of readdirSync(folder)) {
      const isPublic = ['people-root.pem', 'revocation.json', 'scale.json'].includes(name);
      assert.equal(modeOf(join(folder, name)), isPublic ? '644' : '600', name);
      const text = readFileSync(join(folder, name), 'utf8');
      if (isPublic) assert.ok(!text.includes('PRIVATE KEY'), name);
    }
    assert.deepEqual((await findPeopleRoot(folder)).root.sha256, root.sha256);
    await assert.rejects(newPeople(folder), { code: 'people.exists' });
  });

  it('is finished by init after a kill at any step, with the keys that it had', async () => {
    const whole = newPeopleFolder();
    const made = await newPeople(whole);
    const register = readFileSync(join(whole, 'register.json'), 'utf8').replace(
      '"listNumber": 1',
      '"listNumber": 0',
    );
    for (let done = 0; done <= STEPS.length; done++) {
      const folder = newPeopleFolder();
      mkdirSync(folder, { mode: 0o700 });
      for (const name of STEPS.slice(0, done)) copyFileSync(join(whole, name), join(folder, name));
      if (done > STEPS.indexOf('register.json')) writeFileSync(join(folder, 'register.json'), register);
      const leftover = `${STEPS[Math.min(done, STEPS.length - 1)]}.0123456789abcdef`;
      writeFileSync(join(folder, leftover), 'half a key', { mode: 0o600 });
      await assert.rejects(enroll(inFolder(folder), ALICE), {
        code: done === 0 ? 'people.none' : 'people.unfinished',
      });
      const finished = await newPeople(folder);
      assert.equal(finished.keyed.key === made.keyed.key, done > 0);
      assert.ok(!readdirSync(folder).includes(leftover), 'what was half written is gone');
      assert.equal((await listIn(folder)).number, 1);
      await enroll(inFolder(folder), ALICE);
    }
  });

  it('forgets nothing by being made again: a file that is gone is said to be', async () => {
    for (const name of ['register.json', 'people-authority.pem', 'revocation-office.pem', 'scale.json']) {
      const folder = newPeopleFolder();
      await newPeople(folder);
      rmSync(join(folder, name));
      await assert.rejects(renewList(inFolder(folder)), {
        code: 'people.damaged',
        message: /is gone$/,
      });
      await assert.rejects(newPeople(folder), { code: 'people.exists' });
    }
  });

  it('is kept apart from a relay', async () => {
    for (const name of ['authority.pem', 'relay.pem']) {
      const folder = newPeopleFolder();
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(join(folder, name), '');
      await assert.rejects(newPeople(folder), { code: 'people.relay-folder' });
    }
  });

  it('is refused where others may read a key or change the folder', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    for (const name of ['people-authority.pem', 'revocation-office.pem', 'register.json']) {
      chmodSync(join(folder, name), 0o640);
      await assert.rejects(renewList(inFolder(folder)), { code: 'trust.permissions' }, name);
      chmodSync(join(folder, name), 0o600);
    }
    chmodSync(folder, 0o777);
    await assert.rejects(renewList(inFolder(folder)), { code: 'trust.permissions' });
    chmodSync(folder, 0o700);
    await renewList(inFolder(folder));
  });

  it('is refused damaged, or with a key of another', async () => {
    const [folder, other] = [newPeopleFolder(), newPeopleFolder()];
    await newPeople(folder);
    await newPeople(other);
    const swapKey = (name: string): string => {
      const [own = '', foreign = ''] = [folder, other].map((one) => readFileSync(join(one, name), 'utf8'));
      return (
        own.slice(0, own.indexOf('-----BEGIN PRIVATE')) + foreign.slice(foreign.indexOf('-----BEGIN PRIVATE'))
      );
    };
    const register = readFileSync(join(folder, 'register.json'), 'utf8');
    const cases: readonly (readonly [string, string, string])[] = [
      ['people-authority.pem', '', 'people.damaged'],
      ['people-authority.pem', swapKey('people-authority.pem'), 'people.damaged'],
      ['revocation-office.pem', swapKey('revocation-office.pem'), 'people.damaged'],
      ['revocation-office.pem', readFileSync(join(folder, 'clearance-office.pem'), 'utf8'), 'people.damaged'],
      ['register.json', register.slice(0, -9), 'people.damaged'],
      ['register.json', register.replace('"listNumber": 1', '"listNumber": -1'), 'people.damaged'],
      ['scale.json', '{\n"scale": 1}', 'scale.malformed'],
    ];
    for (const [name, text, code] of cases) {
      const before = readFileSync(join(folder, name));
      writeFileSync(join(folder, name), text);
      await assert.rejects(renewList(inFolder(folder)), { code }, `${name} ${code}`);
      writeFileSync(join(folder, name), before);
    }
    await renewList(inFolder(folder));
  });

  it('is over when its root is', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    for (const now of [NOW + 4_000 * DAY_MS, NOW - 2 * DAY_MS])
      await assert.rejects(renewList(inFolder(folder, now)), { code: 'people.root-expired' });
  });

  it('makes nothing with a broken scale', async () => {
    const folder = newPeopleFolder();
    const broken = { path: 'mine.json', text: '{\n"scale": "a",\n"scale": "b"}' };
    await assert.rejects(initPeople(inFolder(folder), broken), {
      code: 'scale.malformed',
      message: /^mine\.json cannot be used: line 3: the key "scale"/,
    });
    await newPeople(folder);
  });
});

describe('enrolment', () => {
  it('certifies the key of who knows the code, under the person of the code', async () => {
    const folder = newPeopleFolder();
    const { root } = await newPeople(folder);
    const alice = await enrolDevice(inFolder(folder), ALICE);
    const identity = granted(await judgeDeviceCertificate(alice.certificate, root, NOW));
    assert.equal(identity.person, 'alice');
    assert.equal(identity.device, alice.device);
    assert.equal(alice.isRenewed, false);
    const second = await enrolDevice(inFolder(folder), ALICE);
    assert.notEqual(second.device, alice.device);
  });

  it('keeps of a code only its hash', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const { code } = await enroll(inFolder(folder), ALICE);
    for (const text of contentsOf(folder))
      assert.ok(!text.includes(code) && !text.includes(code.replaceAll('-', '')));
  });

  it('takes a code once, in three days, for no other code', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const at = inFolder(folder);
    const { code } = await enroll(at, ALICE);
    const ask = async (typed: string, nowUnixMs = NOW) =>
      sign(inFolder(folder, nowUnixMs), await requestText(await newKeyPair(false), typed));
    const wrong = code.startsWith('0') ? code.replace('0', '2') : `0${code.slice(1)}`;
    await assert.rejects(ask(wrong), { code: 'code.unknown' });
    await assert.rejects(ask(code, NOW + CODE_VALID_MS), { code: 'code.expired' });
    await ask(code.toLowerCase(), NOW + CODE_VALID_MS - 1);
    await assert.rejects(ask(code), { code: 'code.used' });
  });

  it('takes a code once, however many processes ask at the same time', { timeout: 60_000 }, async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const { code } = await enroll(inFolder(folder), ALICE);
    const program = fileURLToPath(new URL('../../support/sign-request.ts', import.meta.url));
    const children = await Promise.all(
      [1, 2, 3, 4].map(async (i) => {
        const path = join(folder, '..', `${i}.json`);
        writeFileSync(path, await requestText(await newKeyPair(false), code));
        const args = ['--disable-warning=ExperimentalWarning', program, folder, path];
        return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      }),
    );
    const outputs = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    for (const output of outputs) assert.equal((await output.next()).value, 'ready');
    for (const child of children) child.stdin.end('go\n');
    const ends = await Promise.all(outputs.map(async (output) => String((await output.next()).value)));
    assert.deepEqual(ends.sort(), ['code.used', 'code.used', 'code.used', 'ok']);
  });

  it('renews for a device that it knows, without a code, and repeats what was interrupted', async () => {
    const folder = newPeopleFolder();
    const { root } = await newPeople(folder);
    const pair = await newKeyPair(false);
    const { code } = await enroll(inFolder(folder), ALICE);
    const request = await requestText(pair, code);
    const first = await sign(inFolder(folder), request);
    const again = await sign(inFolder(folder), request);
    assert.deepEqual([again.device, again.isRenewed], [first.device, true]);
    const later = NOW + 100 * DAY_MS;
    const renewed = await sign(inFolder(folder, later), await requestText(pair));
    assert.equal(renewed.device, first.device);
    granted(await judgeDeviceCertificate(renewed.certificate, root, later));
    const stranger = await requestText(await newKeyPair(false));
    await assert.rejects(sign(inFolder(folder), stranger), { code: 'code.unknown' });
  });

  it('renews as often as a day allows, by the register, and no more', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const pair = await newKeyPair(false);
    const { code } = await enroll(inFolder(folder), ALICE);
    await sign(inFolder(folder), await requestText(pair, code));
    const renewAt = async (laterMs: number) => sign(inFolder(folder, NOW + laterMs), await requestText(pair));
    for (let n = 0; n < MAX_RENEWALS; n++) await renewAt(n);
    const before = contentsOf(folder);
    await assert.rejects(renewAt(RENEWALS_WITHIN_MS - 1), { code: 'people.too-often' });
    assert.deepEqual(contentsOf(folder), before, 'what is refused writes nothing');
    // Another device of the same person has a bound of its own.
    await enrolDevice(inFolder(folder), ALICE);
    await renewAt(RENEWALS_WITHIN_MS);
    await assert.rejects(renewAt(RENEWALS_WITHIN_MS), { code: 'people.too-often' });
    await renewAt(RENEWALS_WITHIN_MS + 1);
  });

  it('refuses what is no request', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const request = JSON.parse(await requestText(await newKeyPair(false)));
    for (const [text, code] of [
      ['', 'json.malformed'],
      ['{}', 'json.invalid'],
      [' '.repeat(8_193), 'json.too-large'],
      [JSON.stringify({ ...request, kind: 'charter' }), 'statement.other-kind'],
      [JSON.stringify({ ...request, signature: request.signature.slice(0, -2) }), 'statement.not-authentic'],
    ] as const)
      await assert.rejects(sign(inFolder(folder), text), { code });
  });

  it('is over for who was revoked: no code, no certificate, no clearance', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const at = inFolder(folder);
    const [one, two] = [await enrolDevice(at, ALICE), await enrolDevice(at, ALICE)];
    const { code } = await enroll(at, ALICE);
    await revokeId(at, one.device);
    await assert.rejects(sign(at, await requestText(one.pair)), { code: 'people.revoked' });
    await sign(at, await requestText(two.pair));
    await revokeId(at, ALICE);
    await assert.rejects(sign(at, await requestText(two.pair)), { code: 'people.revoked' });
    await assert.rejects(sign(at, await requestText(await newKeyPair(false), code)), {
      code: 'people.revoked',
    });
    await assert.rejects(enroll(at, ALICE), { code: 'people.revoked' });
    await assert.rejects(clear(at, { person: ALICE, level: 'secret', groups: [] }), {
      code: 'people.revoked',
    });
  });
});

describe('lists of revocations', () => {
  it('have rising numbers and a week, and name whom they revoke', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const at = inFolder(folder);
    const alice = await enrolDevice(at, ALICE);
    assert.deepEqual(await listIn(folder), {
      number: 1,
      issuedUnixMs: NOW,
      untilUnixMs: NOW + LIST_VALID_MS,
      persons: [],
      devices: [],
      clearances: [],
    });
    await revokeId(at, alice.device);
    await renewList(inFolder(folder, NOW + DAY_MS));
    const third = await listIn(folder);
    assert.deepEqual([third.number, third.devices, third.persons], [3, [alice.device], []]);
    assert.equal(third.untilUnixMs, NOW + DAY_MS + LIST_VALID_MS);
    await revokeId(at, ALICE);
    assert.deepEqual((await listIn(folder)).persons, [ALICE]);
    await assert.rejects(revokeId(at, 'nobody'), { code: 'people.unknown' });
    assert.equal((await listIn(folder)).number, 4, 'a refusal makes no list');
  });

  it('name a device until its last certificate has ended for every clock, a person for good', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const alice = await enrolDevice(inFolder(folder), ALICE);
    await revokeId(inFolder(folder), alice.device);
    await revokeId(inFolder(folder), ALICE);
    const devicesAt = async (nowUnixMs: number) => {
      await renewList(inFolder(folder, nowUnixMs));
      return listIn(folder, nowUnixMs);
    };
    assert.deepEqual((await devicesAt(alice.untilUnixMs + DAY_MS)).devices, [alice.device]);
    const last = await devicesAt(alice.untilUnixMs + 3 * DAY_MS);
    assert.deepEqual([last.devices, last.persons], [[], [ALICE]]);
  });

  it('never repeat a number, also where the list itself was not written', async () => {
    const folder = newPeopleFolder();
    await newPeople(folder);
    const first = readFileSync(join(folder, 'revocation.json'));
    await renewList(inFolder(folder));
    writeFileSync(join(folder, 'revocation.json'), first);
    await renewList(inFolder(folder));
    assert.equal((await listIn(folder)).number, 3);
  });

  it('are signed by an office that renews itself, so that what it signed outlives no certificate', async () => {
    const folder = newPeopleFolder();
    const { root } = await newPeople(folder);
    await enrolDevice(inFolder(folder), ALICE);
    const wanted = { person: ALICE, level: 'secret', groups: [] };
    const certificates = new Set<string>();
    for (let day = 0; day <= 1_000; day += 100) {
      const nowUnixMs = NOW + day * DAY_MS;
      await renewList(inFolder(folder, nowUnixMs));
      await listIn(folder, nowUnixMs);
      const { vouched, untilUnixMs } = await clear(inFolder(folder, nowUnixMs), wanted);
      certificates.add(vouched.certificate);
      for (const at of [nowUnixMs, untilUnixMs])
        granted(await openOfficeStatement(CLEARANCE, 'clearance', vouched, { root, nowUnixMs: at }));
    }
    assert.ok(certificates.size > 1 && certificates.size < 10, `${certificates.size}`);
  });
});

describe('clearances', () => {
  it('are in words of the scale, in one order, for somebody known', async () => {
    const folder = newPeopleFolder();
    const { root } = await newPeople(folder);
    const at = inFolder(folder);
    await enroll(at, ALICE);
    const { vouched, marking } = await clear(at, {
      person: ALICE,
      level: 'secret',
      groups: ['south', 'north', 'south'],
    });
    assert.equal(marking, 'SECRET/GEHEIM, north, south');
    const opened = await openOfficeStatement(CLEARANCE, 'clearance', vouched, { root, nowUnixMs: NOW });
    assert.deepEqual(granted(opened).value.label, {
      scale: 'belgium',
      level: 'secret',
      groups: ['north', 'south'],
    });
    const wrong = [
      [{ person: ALICE, level: 'geheim', groups: [] }, 'label.unknown-level'],
      [{ person: ALICE, level: 'secret', groups: ['west'] }, 'label.unknown-group'],
      [{ person: person('bob'), level: 'secret', groups: [] }, 'people.unknown'],
    ] as const;
    for (const [wanted, code] of wrong) await assert.rejects(clear(at, wanted), { code });
  });

  it('take back the one before, by a new list', async () => {
    const folder = newPeopleFolder();
    const { root } = await newPeople(folder);
    const at = inFolder(folder);
    for (const one of [ALICE, person('bob')]) await enroll(at, one);
    const first = await clear(at, { person: ALICE, level: 'top-secret', groups: [] });
    await clear(at, { person: person('bob'), level: 'secret', groups: [] });
    assert.equal(first.published, undefined);
    assert.equal((await listIn(folder)).number, 1);
    const second = await clear(at, { person: ALICE, level: 'restricted', groups: [] });
    const judge = { root, nowUnixMs: NOW };
    const opened = await openOfficeStatement(CLEARANCE, 'clearance', first.vouched, judge);
    assert.deepEqual(second.published?.list.clearances, [granted(opened).digest]);
    assert.deepEqual((await listIn(folder)).clearances, [granted(opened).digest]);
  });

  it('follow a scale that was given groups later', async () => {
    const folder = newPeopleFolder();
    const { path, text } = scaleWithGroups();
    await initPeople(inFolder(folder), { path, text: JSON.stringify({ ...JSON.parse(text), groups: [] }) });
    await enroll(inFolder(folder), ALICE);
    const wanted = { person: ALICE, level: 'secret', groups: ['north'] };
    await assert.rejects(clear(inFolder(folder), wanted), { code: 'label.unknown-group' });
    writeFileSync(join(folder, 'scale.json'), text);
    await clear(inFolder(folder), wanted);
  });
});
