/** A busy relay is killed at any moment, again and again: what it told anybody holds. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Random, seededRandom } from '../../bench/random.ts';
import { PUBLIC_FILES } from '../../src/app/public-files.ts';
import { findRecords } from '../../src/app/record/files.ts';
import { judgeRecord } from '../../src/app/record/inspect.ts';
import { openRelayStore, storePathIn, verifyStore } from '../../src/app/store/store.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import { CrashRelay } from '../support/crash-relay-process.ts';
import { announce, Ministry, newMeetingId, type Official, prove } from '../support/ministry.ts';
import { NOW } from '../support/people.ts';
import { RawClient } from '../support/raw-client.ts';

/** More by the environment, where there is time for it. */
const CRASHES = Number(process.env.BELFRY_CRASHES ?? 4);
const SEED = 51;
/** Of lives; most begin when the relay is up. */
const MAX_LIFE_MS = 600;
/** One of so many is killed while it starts. */
const STARTS = 5;
const CLIENTS = 3;

/** What somebody was told, by the relay itself. */
class Told {
  /** Of the authority whose lists the relay takes. */
  readonly root: string;
  readonly convened = new Set<MeetingId>();
  readonly ended = new Set<MeetingId>();
  /** Asked for, and not answered before the end: may have come to be, and need not. */
  readonly unsure = new Set<MeetingId>();
  readonly nonces = new Set<string>();
  readonly participants = new Set<string>();
  /** Settles once somebody was told that a meeting is convened and somebody is in. */
  readonly something = Promise.withResolvers<void>();
  listNumber = 0;

  constructor(root: string) {
    this.root = root;
  }
}

interface Scene {
  readonly relay: CrashRelay;
  readonly url: string;
  readonly told: Told;
  readonly ministry: Ministry;
  readonly officials: readonly Official[];
  readonly random: Random;
}

const pick = <T>(random: Random, all: Iterable<T>): T | undefined => {
  const items = [...all];
  return items[random.below(Math.max(1, items.length))];
};

const withHello = async <T>(
  url: string,
  use: (client: RawClient, session: string) => Promise<T>,
): Promise<T> => {
  const client = await RawClient.open(url);
  try {
    const { session } = await client.done('hello', { version: 1 });
    return await use(client, String(session));
  } finally {
    void client.vanish();
  }
};

const challenged = async (
  client: RawClient,
  session: string,
  who: Official,
  meeting: MeetingId,
  purpose: 'enter' | 'convene',
) => {
  const nonce = String((await client.done('challenge', { meeting, purpose })).nonce);
  return { nonce, proof: await prove(who, { nonce, connection: session, meeting, purpose }) };
};

const convene = ({ url, told, ministry, officials, random }: Scene) =>
  withHello(url, async (client, session) => {
    const by = pick(random, officials) as Official;
    const charter = ministry.charter(by, { meeting: newMeetingId() });
    const { nonce, proof } = await challenged(client, session, by, charter.meeting, 'convene');
    const vouched = await ministry.sign(by, charter);
    told.unsure.add(charter.meeting);
    await client.done('convene', { charter: vouched, proof });
    told.unsure.delete(charter.meeting);
    told.convened.add(charter.meeting);
    told.nonces.add(nonce);
  });

const enter = ({ url, told, officials, random }: Scene) =>
  withHello(url, async (client, session) => {
    const who = pick(random, officials) as Official;
    const meeting = pick(random, told.convened);
    if (meeting === undefined) return;
    const { nonce, proof } = await challenged(client, session, who, meeting, 'enter');
    const { certificate } = who.signer;
    const shown = await announce(who, meeting, random.below(2 ** 20));
    const reply = await client.request('enter', {
      meeting,
      passport: { certificate, clearance: who.clearance, proof },
      ...shown,
    });
    if (reply.ok !== true) return;
    told.nonces.add(nonce);
    told.participants.add(String(reply.body?.participant));
    told.something.resolve();
  });

const end = async ({ relay, told, random }: Scene) => {
  const meeting = pick(random, told.convened);
  if (meeting === undefined || random.below(3) > 0) return;
  told.convened.delete(meeting);
  told.unsure.add(meeting);
  const said = relay.line(`ended ${meeting}`);
  relay.tell(`end ${meeting}`);
  if ((await said) === undefined) return;
  told.unsure.delete(meeting);
  told.ended.add(meeting);
};

/** Once, from beginning to end: whatever is under way when the process dies rejects, and that is all that it does. */
const busy = async (scene: Scene): Promise<void> => {
  const deeds = [convene, enter, enter, end];
  for (;;) await deeds[scene.random.below(deeds.length)]?.(scene);
};

test(`killed ${CRASHES} times while it works, a relay has lost nothing that it told anybody`, {
  timeout: 600_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'belfry-crash-'));
  const [stateDir, folder] = [join(home, 'relay'), join(home, 'public')];
  mkdirSync(folder);
  const random = seededRandom(SEED);
  const ministry = await Ministry.open();
  const officials = [
    await ministry.official('alice'),
    await ministry.official('bob'),
    await ministry.official('carol'),
  ];
  const told = new Told(toBase64Url(ministry.people.root.sha256));
  const publish = (name: keyof typeof PUBLIC_FILES, text: string) => {
    const aside = join(home, 'aside');
    writeFileSync(aside, text);
    renameSync(aside, join(folder, PUBLIC_FILES[name]));
  };
  publish('root', ministry.people.root.pem);
  publish('scale', JSON.stringify(await ministry.signedScale()));
  publish('list', JSON.stringify(ministry.trust().list()?.vouched));

  for (let crash = 0; crash < CRASHES; crash++) {
    const relay = new CrashRelay(stateDir, folder, NOW + crash * 60_000);
    // On a busy machine all lives may be too short for an answer: the last one is not.
    const dies = dying(relay, random, crash === CRASHES - 1 ? told.something.promise : undefined);
    const port = await relay.line('');
    if (port !== undefined) {
      const scene = { relay, url: `ws://127.0.0.1:${port}/v1/meet`, told, ministry, officials, random };
      const working = Array.from({ length: CLIENTS }, () => busy(scene).catch(() => {}));
      const listed = await ministry.publish({}, NOW + crash * 60_000);
      publish('list', JSON.stringify(listed.vouched));
      await Promise.all([dies, ...working]);
    }
    await dies;
    await holds(stateDir, told, crash);
  }
  rmSync(home, { recursive: true });
});

const dying = async (relay: CrashRelay, random: Random, after?: Promise<void>): Promise<void> => {
  if (random.below(STARTS) > 0) await relay.line('');
  await Promise.all([wait(random.below(MAX_LIFE_MS)), after]);
  await relay.kill();
};

const holds = async (stateDir: string, told: Told, crash: number): Promise<void> => {
  const store = await openRelayStore(stateDir);
  const open = new Set(store.openMeetings().map(({ id }) => id));
  for (const meeting of told.convened)
    assert.ok(open.has(meeting), `crash ${crash}: a convened meeting is there`);
  for (const meeting of told.ended) assert.ok(!open.has(meeting), `crash ${crash}: an ended meeting is over`);
  for (const nonce of told.nonces) {
    const used = store.useOnce({ kind: 'nonce', id: nonce, untilUnixMs: NOW + 86_400_000 });
    assert.equal(used.ok ? 'free' : used.refusal.code, 'once.used', `crash ${crash}: a nonce serves once`);
  }
  const seen = store.lastSeenList(told.root)?.number ?? 0;
  assert.ok(seen >= told.listNumber, `crash ${crash}: the list goes back from ${told.listNumber} to ${seen}`);
  told.listNumber = seen;
  store.close();
  verifyStore(storePathIn(stateDir));
  await recorded(stateDir, told, crash);
};

/** Each process has a record of its own; one that was killed may have a torn last line and is good up to it. */
const recorded = async (stateDir: string, told: Told, crash: number): Promise<void> => {
  const records = await findRecords(join(stateDir, 'records')).catch(() => []);
  for (const path of records) {
    const verdict = await judgeRecord(path, {});
    const found = verdict.findings.filter(({ code }) => code !== 'end.torn');
    assert.deepEqual(found, [], `crash ${crash}: ${path}`);
  }
  const texts = records.map((path) => readFileSync(path, 'utf8')).join('\n');
  for (const participant of told.participants)
    assert.ok(
      texts.includes(`"on":"${participant}"`),
      `crash ${crash}: an entry that was answered is recorded`,
    );
};
