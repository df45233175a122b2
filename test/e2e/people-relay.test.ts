/** A relay with an authority's public files: people enrol, convene, meet with real media, and are revoked. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { findPeopleRoot } from '../../src/app/people/authority.ts';
import { clear } from '../../src/app/people/clearances.ts';
import { workOff } from '../../src/app/people/desk.ts';
import { enroll } from '../../src/app/people/enrolment.ts';
import { revokeId } from '../../src/app/people/lists.ts';
import { publishTo } from '../../src/app/people/publish.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import { asId, type MeetingId } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { enrol } from '../../src/client/enrol/enrol.ts';
import type { Fetch } from '../../src/client/enrol/fetch-port.ts';
import { deviceFolder } from '../../src/client/node/device-store.ts';
import { type Enrolled, loadEnrolled } from '../../src/client/people/enrolled.ts';
import { Headless } from '../../src/client/selfcheck/headless.ts';
import type { MeetingState } from '../../src/client/store/state.ts';
import { newMeetingSecret } from '../../src/e2ee/psk/secret.ts';
import { CHARTER, type Charter } from '../../src/trust/charter/charter.ts';
import type { DeviceNames } from '../../src/trust/devices/ids.ts';
import { POSSESSION } from '../../src/trust/devices/possession.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import { newKeyPair } from '../../src/trust/signing/keys.ts';
import { signStatement } from '../../src/trust/signing/statement.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { granted, person } from '../support/people.ts';
import { inFolder, newPeople } from '../support/people-folder.ts';
import { RawClient } from '../support/raw-client.ts';

const PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];

it('people meet by certificate alone, and who is revoked is out', { timeout: 90_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-people-relay-'));
  const [folder, mailbox, files] = ['people', 'mailbox', 'public'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  const now = () => inFolder(folder, Date.now());
  await newPeople(folder, Date.now());
  await publishTo(now(), files);
  const { root } = await findPeopleRoot(folder);
  const start = async () => {
    const serve = runBelfry([
      'serve',
      '--people',
      files,
      '--enrolment',
      mailbox,
      '--state-dir',
      join(home, 'relay'),
      ...PORTS,
    ]);
    const [, address = ''] = await serve.printed(/Relay: +ws:\/\/(\S+),/);
    await serve.printed(/Serving until/);
    return { serve, address };
  };
  let { serve, address } = await start();

  const enrolled = async (name: string): Promise<{ device: Enrolled; names: DeviceNames }> => {
    const { code } = await enroll(now(), person(name));
    await clear(now(), { person: person(name), level: 'secret', groups: [] });
    const keys = await newKeyPair(true);
    const { certificate, identity, scale, statements } = granted(
      await enrol(
        {
          origin: `http://${address}`,
          rootSha256: root.sha256,
          keys,
          fetch: fetch as Fetch,
          clock: systemClock,
          onWaiting: () => void workOff(now(), { path: mailbox, randomBytes: secureRandomBytes }),
        },
        code,
      ),
    );
    const store = deviceFolder(join(home, name), secureRandomBytes);
    const { clearance } = statements;
    assert.ok(clearance);
    await store.keep({ root: root.pem, scale, certificate, pair: keys, clearance });
    const device = granted(await loadEnrolled(store));
    assert.ok(device);
    return { device, names: identity };
  };

  const convene = async ({ device, names }: Awaited<ReturnType<typeof enrolled>>, admitted: string[]) => {
    const charter: Charter = {
      meeting: asId<MeetingId>(toBase64Url(secureRandomBytes(16))),
      convener: names.device,
      marking: { scale: device.scale.scale, level: 'confidential', groups: [] },
      suite: 'x-wing',
      admission: { kind: 'roster', persons: admitted.map(person) },
      chair: names.person,
      deputies: [],
      opensByItself: true,
    };
    const { certificate, signing } = device;
    const vouched = { certificate, statement: await signStatement(CHARTER, charter, signing) };
    const client = await RawClient.open(`ws://${address}/v1/meet`);
    const { session } = await client.done('hello', { version: 1 });
    const { meeting } = charter;
    const { nonce } = await client.done('challenge', { meeting, purpose: 'convene' });
    const possession = {
      nonce: String(nonce),
      connection: String(session),
      meeting,
      purpose: 'convene',
    } as const;
    await client.done('convene', {
      charter: vouched,
      proof: await signStatement(POSSESSION, possession, signing),
    });
    await client.vanish();
    const { opened } = granted(await openCharter(vouched, { root, nowUnixMs: Date.now() }));
    return { meeting, charter: opened.digest, secret: newMeetingSecret(secureRandomBytes) };
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

  const faults: string[] = [];
  const clips = await loadShippedClips();
  const enter = (name: string, device: Enrolled, link: Awaited<ReturnType<typeof convene>>) =>
    Headless.join({
      link: { origin: `http://${address}`, ...link },
      name,
      device,
      clips,
      openSocket: openWebSocket,
      clock: systemClock,
      randomBytes: secureRandomBytes,
      logger: silentLogger,
      onFault: (fault) => faults.push(fault),
    });

  try {
    const [alice, bob, carol] = [await enrolled('alice'), await enrolled('bob'), await enrolled('carol')];
    const link = await convene(alice, ['alice', 'bob']);
    const ada = await enter('Ada', alice.device, link);
    const ben = await enter('Ben', bob.device, link);
    await until(ada, ({ participants }) =>
      [...participants.values()].some((one) => one.person === 'bob' && one.name === 'Ben'),
    );
    assert.equal(ben.meeting.state.charter?.markingText, 'CONFIDENTIEL/VERTROUWELIJK');
    await ben.produce();
    await until(ada, ({ streams }) => [...streams.values()].some(({ source }) => source === 'camera'));
    await assert.rejects(enter('Carl', carol.device, link), { code: 'entry.refused' });

    await revokeId(now(), 'bob');
    await publishTo(now(), files);
    await until(ben, ({ phase }) => phase.kind === 'closed');
    await until(ada, ({ participants }) => participants.size === 0);
    await ada.meeting.leave();

    await serve.stop();
    ({ serve, address } = await start());
    const again = await enter('Ada', alice.device, link);
    assert.equal(again.meeting.state.charter?.digest, link.charter);
    await assert.rejects(enter('Ben', bob.device, link), { code: 'entry.refused' });
    await again.meeting.leave();
    assert.deepEqual(faults, []);
  } finally {
    await serve.stop();
  }
});
