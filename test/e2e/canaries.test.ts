/** Media, secrets and names with canaries in them go through a real relay: what lies in its memory, its logs and its files then. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { clear } from '../../src/app/people/clearances.ts';
import { enroll } from '../../src/app/people/enrolment.ts';
import { type Bytes, fromBase64Url } from '../../src/base/bytes.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { secureRandomBytes, systemClock } from '../../src/base/platform.ts';
import { loadShippedClips } from '../../src/client/clips/files.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { parseLink } from '../../src/client/link.ts';
import { deviceFolder } from '../../src/client/node/device-store.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import { loadEnrolled } from '../../src/client/people/enrolled.ts';
import { Headless } from '../../src/client/selfcheck/headless.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { runBelfry } from '../support/belfry-process.ts';
import { formsOf, formsOfText, SecretLog, withCanary } from '../support/hostile-canaries.ts';
import { familyOf, filesBelow, foundIn, memoryOf, type Needle } from '../support/hostile-memory.ts';
import { NonceRecorder } from '../support/nonce-recorder.ts';
import { granted, person } from '../support/people.ts';
import { inFolder, newPeople } from '../support/people-folder.ts';
import { eventually } from '../support/until.ts';

const PORTS = ['--port', '0', '--metrics-port', '0', '--media-port', '0', '--workers', '1'];
const NAMES = ['alice', 'bob', 'carol'] as const;
type Name = (typeof NAMES)[number];
const CANARY_BYTES = 24;
/** Of each source of each other: some of every layer's key frames among them. */
const FRAMES = 60;

const run = async (args: readonly string[], input?: string) => {
  const belfry = runBelfry(args, input === undefined ? {} : { input });
  const { status } = await belfry.ended;
  assert.equal(status, 0, belfry.errors());
  return belfry.output();
};

it('a relay holds no key, no secret, no name, no title and nothing that was said', {
  timeout: 120_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-canaries-'));
  const at = (name: string) => join(home, name);
  const now = () => inFolder(at('people'), Date.now());
  await newPeople(at('people'), Date.now());
  const office = ['--folder', at('people'), '--mailbox', at('mailbox'), '--publish', at('public')];
  const desk = runBelfry(['ca', 'desk', ...office]);
  await desk.printed(/Answering until/);
  const kept = ['--people', at('public'), '--enrolment', at('mailbox'), '--state-dir', at('relay')];
  const serve = runBelfry(['serve', ...kept, ...PORTS]);
  const [, address = ''] = await serve.printed(/Relay: +ws:\/\/(\S+),/);
  const [, metrics = ''] = await serve.printed(/Watch: +(http:\/\/\S+\/metrics)/);
  await serve.printed(/Serving until/);
  const relay = `http://${address}`;

  const secrets = new SecretLog();
  const recorder = new NonceRecorder(nodeDriver);
  const canary: Bytes = new Uint8Array(randomBytes(CANARY_BYTES));
  const clips = withCanary(await loadShippedClips(), canary);
  const shownAs: ReadonlyMap<string, string> = new Map(
    NAMES.map((name) => [name, `${name} ${randomBytes(12).toString('hex')}`]),
  );
  const title = `plans ${randomBytes(12).toString('hex')}`;
  const faults: string[] = [];

  /** One after the other: the authority's folder has one hand in it at a time. */
  const invite = async (name: string): Promise<string> => {
    const { code } = await enroll(now(), person(name));
    await clear(now(), { person: person(name), level: 'secret', groups: [] });
    return code;
  };
  const enrol = async (name: string, code: string): Promise<void> => {
    const root = join(at('public'), 'people-root.pem');
    await run(['device', 'enrol', '--relay', relay, '--root', root, '--device', at(name)], `${code}\n`);
  };
  const enter = async (name: Name, link: string): Promise<Headless> => {
    const device = granted(await loadEnrolled(deviceFolder(at(name), secureRandomBytes)));
    assert.ok(device);
    return Headless.join({
      link: granted(parseLink(link)),
      name: shownAs.get(name) ?? '',
      device,
      group: secrets.tools(nodeGroupTools(systemClock)),
      driver: secrets.driver(recorder.driver),
      clips,
      openSocket: openWebSocket,
      clock: systemClock,
      randomBytes: secureRandomBytes,
      logger: silentLogger,
      onFault: (fault) => faults.push(fault),
    });
  };
  const readsAll = ({ meeting }: Headless): boolean => {
    const { state } = meeting;
    const others = [...state.participants.values()].filter(
      ({ person: of, name }) => shownAs.get(of ?? '') === name,
    );
    return state.title === title && others.length === NAMES.length - 1;
  };
  /** Settles once it has so many whole frames of both sources of all others, each with the canary. */
  const hears = (one: Headless): Promise<void> =>
    new Promise((resolve) => {
      const counts = new Map<string, number>();
      one.onStream(({ kind, stream }) => {
        if (kind !== 'added') return;
        stream.output.onFrame(({ frame }) => {
          assert.ok(Buffer.from(frame).includes(Buffer.from(canary)), 'what is opened is what was said');
          const key = `${stream.participant} ${stream.source}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
          const isDone =
            counts.size === 2 * (NAMES.length - 1) && [...counts.values()].every((n) => n >= FRAMES);
          if (isDone) resolve();
        });
      });
    });

  try {
    const codes = [await invite('alice'), await invite('bob'), await invite('carol')];
    await Promise.all(NAMES.map((name, i) => enrol(name, codes[i] ?? '')));
    const invited = NAMES.slice(1).flatMap((name) => ['--person', name]);
    const convened = await run([
      'convene',
      '--relay',
      relay,
      '--level',
      'confidential',
      ...invited,
      '--device',
      at('alice'),
    ]);
    const link = /Link: +(\S+)/.exec(convened)?.[1] ?? '';
    const { meeting } = granted(parseLink(link));

    const all: Headless[] = [];
    const heard: Promise<void>[] = [];
    for (const name of NAMES) {
      const one = await enter(name, link);
      all.push(one);
      heard.push(hears(one));
      await one.produce();
    }

    await Promise.all(heard);
    granted((await all[0]?.meeting.entitle(title)) ?? assert.fail());
    await eventually('all read all names and the title', () => all.every(readsAll));

    const exposed = await (await fetch(metrics)).text();
    const during = familyOf(serve.child.pid ?? 0).map(memoryOf);
    for (const { meeting: left } of all) await left.leave();
    const after = familyOf(serve.child.pid ?? 0).map(memoryOf);

    assert.ok(during.length >= 2, 'the media worker is looked at too');
    const privateKeys = NAMES.map((name) => {
      const { privateKey } = JSON.parse(readFileSync(join(at(name), 'device.json'), 'utf8')) as {
        privateKey: string;
      };
      return fromBase64Url(privateKey) ?? new Uint8Array();
    });
    assert.ok(secrets.baseKeys.length >= 6 && secrets.frameKeys.size >= 12 && recorder.sealed > 6 * FRAMES);
    const bytes = {
      baseKey: secrets.baseKeys,
      frameKey: [...secrets.frameKeys.values()],
      privateKey: privateKeys,
    };
    const hidden: Needle[] = [
      { what: 'media', bytes: Buffer.from(canary) },
      ...[...shownAs.values()].flatMap(formsOfText).map((form) => ({ what: 'name', bytes: form })),
      ...formsOfText(title).map((form) => ({ what: 'title', bytes: form })),
      ...codes.map((code) => ({ what: 'code', bytes: Buffer.from(code) })),
      ...Object.entries(bytes).flatMap(([what, list]) =>
        list.flatMap(formsOf).map((form) => ({ what, bytes: form })),
      ),
    ];
    const known = { what: 'meeting', bytes: Buffer.from(meeting) };
    const places: [string, Buffer][] = [
      ...during.map((memory): [string, Buffer] => ['memory while they meet', memory]),
      ...after.map((memory): [string, Buffer] => ['memory afterwards', memory]),
      ['log', Buffer.from(serve.output() + serve.errors())],
      ['metrics', Buffer.from(exposed)],
      ...['relay', 'mailbox', 'public'].map((name): [string, Buffer] => [
        `folder ${name}`,
        filesBelow(at(name)),
      ]),
    ];
    assert.deepEqual(
      foundIn(places[0]?.[1] ?? Buffer.alloc(0), [known]),
      ['meeting'],
      'the memory is looked at',
    );
    for (const [where, place] of places) {
      assert.ok(place.length > 0, where);
      assert.deepEqual(foundIn(place, hidden), [], where);
    }
    assert.equal(recorder.repeats, 0, 'no key and nonce twice');
    assert.deepEqual(faults, []);
  } finally {
    await serve.stop();
    await desk.stop();
    rmSync(home, { recursive: true });
  }
});
