/** A relay is killed under a meeting with a group, and comes back with its store: real clients, a real process, real sockets and time. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PUBLIC_FILES } from '../../src/app/public-files.ts';
import { systemClock } from '../../src/base/platform.ts';
import { openWebSocket } from '../../src/client/connection/web-socket.ts';
import { groupKeys } from '../../src/client/group/meeting-keys.ts';
import { joinMeeting } from '../../src/client/meeting.ts';
import { nodeGroupTools } from '../../src/client/node/group-tools.ts';
import { fetchList } from '../../src/client/people/fetch-list.ts';
import { createFrameKeys } from '../../src/e2ee/keys/store.ts';
import { nodeDriver } from '../../src/e2ee/sframe/node.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import { newSeenLists } from '../support/certified-world.ts';
import { CrashRelay } from '../support/crash-relay-process.ts';
import { FakeMediaPort, FakeNet } from '../support/fake-media-port.ts';
import { type FakeClient, idOf, outputOf, secureRandom, watchKeys } from '../support/fake-meeting.ts';
import { epochOf, speak, stolen } from '../support/keyed-world.ts';
import { Ministry, type Official, prove } from '../support/ministry.ts';
import { onceOnly } from '../support/nonce-recorder.ts';
import { codeOf, granted, NOW } from '../support/people.ts';
import { RawClient } from '../support/raw-client.ts';
import { eventually } from '../support/until.ts';

const NAMES = ['alice', 'bob', 'carol', 'dan'] as const;
const TITLE = 'Winter plans';

/** Another name than the certificate's. */
const called = (person: string): string => `${person} of the tests`;

const beganMs = systemClock.nowMs();
const unixMs = (): number => NOW + Math.floor(systemClock.nowMs() - beganMs);
const clock = { ...systemClock, unixMs };

const convene = async (url: string, ministry: Ministry, by: Official) => {
  const client = await RawClient.open(url);
  const { session } = await client.done('hello', { version: 1 });
  const charter = ministry.charter(by, { suite: 'x25519' });
  const { meeting } = charter;
  const { nonce } = await client.done('challenge', { meeting, purpose: 'convene' });
  const asked = { nonce: String(nonce), connection: String(session), meeting, purpose: 'convene' } as const;
  const vouched = await ministry.sign(by, charter);
  await client.done('convene', { charter: vouched, proof: await prove(by, asked) });
  await client.vanish();
  const signed = granted(await openCharter(vouched, { root: ministry.people.root, nowUnixMs: NOW }));
  return { meeting, charter: signed.opened.digest };
};

test('a meeting with a group goes on where its relay is killed and comes back: a new group, nobody’s keys of before, names and title said anew', {
  timeout: 120_000,
}, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-restart-'));
  const [stateDir, folder] = [join(home, 'relay'), join(home, 'public')];
  mkdirSync(folder);
  const ministry = await Ministry.open();
  const officials = await Promise.all(NAMES.map((name) => ministry.official(name)));
  const publish = (name: keyof typeof PUBLIC_FILES, text: string) =>
    writeFileSync(join(folder, PUBLIC_FILES[name]), text);
  publish('root', ministry.people.root.pem);
  publish('scale', JSON.stringify(await ministry.signedScale()));
  publish('list', JSON.stringify(ministry.trust().list()?.vouched));

  let relay = new CrashRelay(stateDir, folder, unixMs());
  t.after(async () => {
    await relay.kill();
    rmSync(home, { recursive: true });
  });
  const port = await relay.line('');
  assert.ok(port !== undefined);
  const url = `ws://127.0.0.1:${port}/v1/meet`;
  const { meeting, charter } = await convene(url, ministry, officials[0] as Official);
  const link = { origin: `http://127.0.0.1:${port}`, meeting, charter };
  const [net, driver] = [new FakeNet(), onceOnly(nodeDriver)];

  const enter = async ({ person, signer, clearance }: Official): Promise<FakeClient> => {
    const frameKeys = createFrameKeys({ driver });
    const keys = watchKeys(frameKeys);
    const media = new FakeMediaPort(frameKeys, net);
    const { root } = ministry.people;
    const { certificate, signing } = signer;
    const lists = newSeenLists();
    const joined = await joinMeeting({
      link,
      name: called(person),
      device: { root, scale: ministry.scale, certificate, signing, clearance, lists },
      fetchList,
      media,
      frameKeys,
      openSocket: openWebSocket,
      clock,
      randomBytes: secureRandom,
      keys: groupKeys(nodeGroupTools({ unixMs: Date.now })),
      onListenerError: (error) => assert.fail(String(error)),
    });
    const entered = granted(joined);
    t.after(() => entered.leave());
    const streams: FakeClient['streams'] = [];
    entered.onStream((event) => streams.push(event));
    const client = { meeting: entered, port: media, streams, keys };
    await speak(client);
    return client;
  };
  const all: FakeClient[] = [];
  for (const who of officials.slice(0, 3)) all.push(await enter(who));

  const codes = () => new Set(all.map((one) => epochOf(one)?.code.digits));
  const pairs = all.flatMap((from) => all.filter((to) => to !== from).map((to) => [from, to] as const));
  const hears = ([from, to]: (typeof pairs)[number]): boolean => {
    const output = outputOf(to, from, 'microphone');
    const before = output?.frames.length ?? 0;
    return from.port.sendFrames('microphone', 1).length === 1 && output?.frames.length === before + 1;
  };
  const hearEachOther = () =>
    eventually('everybody hears everybody in one epoch', () => {
      const areIn = all.every(
        ({ meeting: of }) => of.state.phase.kind === 'in' && of.state.self !== undefined,
      );
      return areIn && codes().size === 1 && pairs.every(hears);
    });
  await hearEachOther();
  const titled = all[0]?.meeting.entitle(TITLE);
  await eventually('all read the title', () => all.every(({ meeting: of }) => of.state.title === TITLE));
  assert.equal(titled && codeOf(await titled), 'ok');
  const before = { ids: all.map(idOf), codes: codes(), keys: all.map(({ keys }) => [...keys.baseKeys]) };

  await relay.kill();
  await eventually('all notice', () => all.every(({ meeting: of }) => of.state.phase.kind !== 'in'));
  relay = new CrashRelay(stateDir, folder, unixMs(), port);
  assert.equal(await relay.line(''), port);
  await hearEachOther();

  for (const [i, one] of all.entries()) assert.notEqual(idOf(one), before.ids[i], 'another join');
  assert.equal(
    [...codes()].some((code) => before.codes.has(code)),
    false,
    'another group',
  );
  const from = net.sealed.length;
  for (const { port: media } of all) assert.equal(media.sendFrames('microphone', 3).length, 3);
  const baseKeys = before.keys.flat();
  assert.deepEqual(stolen({ baseKeys }, net.sealed.slice(from)), { sent: 9, opened: 0 });

  // The relay kept neither names nor title: who comes now reads what was said in the new group.
  const dan = await enter(officials[3] as Official);
  await eventually('who comes reads the title and all names', () => {
    const { title, participants } = dan.meeting.state;
    const names = [...participants.values()].map(({ name }) => name).sort();
    return title === TITLE && names.join() === NAMES.slice(0, 3).map(called).join();
  });
});
