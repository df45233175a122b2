/** A relay with an authority's public files: people enrol, convene, meet with real media, and are revoked. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { clear } from '../../src/app/people/clearances.ts';
import { enroll } from '../../src/app/people/enrolment.ts';
import { revokeId } from '../../src/app/people/lists.ts';
import { findRecords, recordFolderIn } from '../../src/app/record/files.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { parseLink } from '../../src/client/link.ts';
import { deviceFolder } from '../../src/client/node/device-store.ts';
import { loadEnrolled } from '../../src/client/people/enrolled.ts';
import { Headless } from '../../src/client/selfcheck/headless.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { CODE_BYTES, writeCode } from '../../src/trust/devices/codes.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { onceOnly } from '../support/nonce-recorder.ts';
import { granted, person } from '../support/people.ts';
import { inFolder, newPeople } from '../support/people-folder.ts';

const PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];

/** From the signing of a list until who is on it is out, and the others have other keys. */
const REVOKED_WITHIN_MS = 2_000;

/** When the relay wrote into its record that somebody may stay no longer, because of a revocation. */
const putOutAtUnixMs = async (stateDir: string): Promise<number> => {
  const files = await findRecords(recordFolderIn(stateDir));
  const lines = files.flatMap((path) => readFileSync(path, 'utf8').split('\n').filter(Boolean));
  const line = lines.find((text) => /"asked":"stay".*"rule":"entry.revoked"/.test(text));
  assert.ok(line !== undefined, 'it is in the record');
  return (JSON.parse(line.slice(line.indexOf('{'))) as { readonly atUnixMs: number }).atUnixMs;
};

/** Settles with the first state that fits, now or later. */
const until = ({ meeting }: Headless, fits: (state: MeetingState) => boolean): Promise<void> =>
  new Promise((resolve) => {
    if (fits(meeting.state)) return resolve();
    const stop = meeting.onChange((state) => {
      if (!fits(state)) return;
      stop();
      resolve();
    });
  });

const run = async (args: readonly string[], input?: string) => {
  const belfry = runBelfry(args, input === undefined ? {} : { input });
  const { status } = await belfry.ended;
  return { status, output: belfry.output(), errors: belfry.errors() };
};

it('people meet by certificate alone, and who is revoked is out', { timeout: 120_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-people-relay-'));
  const at = (name: string) => join(home, name);
  const [folder, mailbox, files] = [at('people'), at('mailbox'), at('public')];
  const now = () => inFolder(folder, Date.now());
  await newPeople(folder, Date.now());
  const desk = runBelfry(['ca', 'desk', '--folder', folder, '--mailbox', mailbox, '--publish', files]);
  await desk.printed(/Answering until/);
  const start = async () => {
    const settings = ['--people', files, '--enrolment', mailbox, '--state-dir', at('relay'), ...PORTS];
    const serve = runBelfry(['serve', ...settings]);
    const [, address = ''] = await serve.printed(/Relay: +ws:\/\/(\S+),/);
    await serve.printed(/Serving until/);
    return { serve, relay: `http://${address}` };
  };
  let { serve, relay } = await start();

  const invite = async (name: string) => {
    const { code } = await enroll(now(), person(name));
    await clear(now(), { person: person(name), level: 'secret', groups: [] });
    return { name, code };
  };
  const enrol = async ({ name, code }: Awaited<ReturnType<typeof invite>>) => {
    const root = join(files, 'people-root.pem');
    const asked = await run(
      ['device', 'enrol', '--relay', relay, '--root', root, '--device', at(name)],
      `${code}\n`,
    );
    assert.equal(asked.status, 0, asked.errors);
    assert.match(asked.output, new RegExp(`Person: +${name}\nDevice: +d[0-9a-f]+, until 20`));
  };

  const driver = onceOnly(nodeDriver);
  const faults: string[] = [];
  const clips = await loadShippedClips();
  const enter = async (name: string, shown: string, link: string) => {
    const device = granted(await loadEnrolled(deviceFolder(at(name), secureRandomBytes)));
    assert.ok(device);
    return Headless.join({
      // The relay listens elsewhere once it was started again.
      link: { ...granted(parseLink(link)), origin: relay },
      name: shown,
      device,
      clips,
      driver,
      openSocket: openWebSocket,
      clock: systemClock,
      randomBytes: secureRandomBytes,
      logger: silentLogger,
      onFault: (fault) => faults.push(fault),
    });
  };

  try {
    const invited = [await invite('alice'), await invite('bob'), await invite('carol')];
    await Promise.all(invited.map(enrol));
    const second = await enroll(now(), person('alice'));
    const beside = ['--root', join(files, 'people-root.pem'), '--device', at('alice-2')];
    const other = await run(['device', 'enrol', '--relay', relay, ...beside], `${second.code}\n`);
    const [, otherId = ''] = /Device: +(d[0-9a-f]+)/.exec(other.output) ?? [];
    const show = ['device', 'show', '--relay', relay, '--device', at('alice')];
    assert.match((await run(show)).output, new RegExp(`New: +${otherId}, [^]*belfry ca revoke ${otherId}`));
    const renew = ['device', 'renew', '--relay', relay, '--device', at('alice')];
    for (const again of [show, renew])
      assert.doesNotMatch((await run(again)).output, /New:/, 'it is told once');
    const third = await enroll(now(), person('alice'));
    await run(
      ['device', 'enrol', '--relay', relay, ...beside.slice(0, 2), '--device', at('alice-3')],
      `${third.code}\n`,
    );
    assert.match((await run(renew)).output, /New: +d/, 'a renewal tells as well');

    const plan = ['--level', 'confidential', '--person', 'bob', '--suite', 'p-384', '--opens-with-chair'];
    const sources = ['--grant', 'microphone,camera,screen'];
    const convened = await run(['convene', '--relay', relay, ...plan, ...sources, '--device', at('alice')]);
    assert.equal(convened.status, 0, convened.errors);
    const link = /Link: +(\S+)/.exec(convened.output)?.[1] ?? '';
    const ada = await enter('alice', 'Ada', link);
    const ben = await enter('bob', 'Ben', link);
    await until(ada, ({ participants }) =>
      [...participants.values()].some((one) => one.person === 'bob' && one.name === 'Ben'),
    );
    assert.equal(ben.meeting.state.charter?.markingText, 'CONFIDENTIEL/VERTROUWELIJK');
    assert.equal(ben.meeting.state.conducted?.charter.opensByItself, false);
    assert.deepEqual(ben.meeting.state.conducted?.charter.grants, [
      'microphone',
      'camera',
      'screen',
      'screen-audio',
    ]);
    await ben.produce();
    await until(ada, ({ streams }) => [...streams.values()].some(({ source }) => source === 'camera'));
    await assert.rejects(enter('carol', 'Carl', link), { code: 'entry.refused' });

    const rekeying = until(ada, ({ epochs }) =>
      epochs.some(({ left }) => left.some((one) => one.person === 'bob')),
    ).then(Date.now);
    const { list } = await revokeId(now(), 'bob');
    await until(ben, ({ phase }) => phase.kind === 'closed');
    await until(ada, ({ participants }) => participants.size === 0);
    const [rekeyedAtUnixMs, outAtUnixMs] = [await rekeying, await putOutAtUnixMs(at('relay'))];
    for (const atUnixMs of [outAtUnixMs, rekeyedAtUnixMs]) {
      const tookMs = atUnixMs - list.issuedUnixMs;
      assert.ok(tookMs >= 0 && tookMs < REVOKED_WITHIN_MS, `it took ${tookMs} ms`);
    }
    await ada.meeting.leave();
    const renewing = await run(['device', 'renew', '--relay', relay, '--device', at('bob')]);
    assert.match(renewing.errors, /enrolment\.refused/);

    await serve.stop();
    ({ serve, relay } = await start());
    const again = await enter('alice', 'Ada', link);
    // The door says nothing; that it was revoked this device finds on the list itself.
    await assert.rejects(enter('bob', 'Ben', link), { code: 'entry.revoked' });
    await again.meeting.leave();
    assert.deepEqual(faults, []);
  } finally {
    await serve.stop();
    await desk.stop();
  }
});

it('device and convene say what is missing or wrong', async () => {
  const none = join(mkdtempSync(join(tmpdir(), 'belfry-device-')), 'device');
  const cases: readonly [number, RegExp, string[]][] = [
    [2, /--relay is missing/, ['device', 'enrol']],
    [2, /--root is missing/, ['device', 'enrol', '--relay', 'http://127.0.0.1:1']],
    [2, /--relay takes http/, ['convene', '--relay', 'http://127.0.0.1:1/path']],
    [2, /--level is missing/, ['convene', '--relay', 'http://127.0.0.1:1']],
    [
      2,
      /--suite takes x-wing, x25519, p-384/,
      ['convene', '--relay', 'http://127.0.0.1:1', '--level', 'secret', '--suite', 'rot13'],
    ],
    ...['speech', '', 'microphone,', 'none,camera'].map((grant): [number, RegExp, string[]] => [
      2,
      /--grant takes some of microphone,camera,screen with commas between, or none, not "/,
      ['convene', '--relay', 'http://127.0.0.1:1', '--level', 'secret', '--grant', grant],
    ]),
    [1, /device\.none[\s\S]*belfry device enrol/, ['device', 'show', '--device', none]],
    [1, /device\.none/, ['convene', '--relay', 'http://127.0.0.1:1', '--level', 'secret', '--device', none]],
    [
      1,
      /cannot be read: .*root\.unreadable[\s\S]*--root FILE/,
      ['device', 'enrol', '--relay', 'http://127.0.0.1:1', '--root', none, '--device', none],
    ],
  ];
  for (const [status, said, args] of cases) {
    const found = await run(args, `${writeCode(secureRandomBytes(CODE_BYTES))}\n`);
    assert.equal(found.status, status, args.join(' ') + found.errors);
    assert.match(found.errors, said);
  }
});
