/** A busy relay is killed at any moment, again and again: what it told anybody holds. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Random, seededRandom } from '../../bench/random.ts';
import { PUBLIC_FILES } from '../../src/app/public-files.ts';
import { findRecords } from '../../src/app/record/files.ts';
import { judgeRecord } from '../../src/app/record/inspect.ts';
import { openRelayStore, storePathIn, verifyStore } from '../../src/app/store/store.ts';
import { toBase64Url } from '../../src/base/bytes.ts';
import type { MeetingId } from '../../src/base/ids.ts';
import { sha256 } from '../../src/signaling/audit/crypto.ts';
import { ACT, type Order } from '../../src/trust/acts/act.ts';
import { entryInput } from '../../src/trust/acts/entry.ts';
import type { Head } from '../../src/trust/acts/head.ts';
import { openCharter } from '../../src/trust/signing/charter.ts';
import type { StatementDigest } from '../../src/trust/statement/statement.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { CrashRelay } from '../support/crash-relay-process.ts';
import { announce, Ministry, newMeetingId, type Official, prove, vouch } from '../support/ministry.ts';
import { granted, NOW } from '../support/people.ts';
import { RawClient } from '../support/raw-client.ts';

/** More by the environment, where there is time for it. */
const CRASHES = Number(process.env.BELFRY_CRASHES ?? 12);
const SEED = 51;
/** One of so many is killed while it starts, within that time. */
const STARTS = 5;
const MAX_START_MS = 600;
/** How much longer the others work, once somebody was told of each deed. */
const MAX_MORE_MS = 200;
/** A relay that tells nobody anything for so long is broken. */
const PATIENCE_MS = 60_000;
const CLIENTS = 3;

/** A meeting, and what an act in it names. */
interface Convened {
  readonly by: Official;
  readonly digest: StatementDigest;
}

/** An entry of a meeting's chain that somebody was told of: what its text has to be, and what it failed to be. */
interface ToldEntry {
  readonly meeting: MeetingId;
  readonly n: number;
  readonly holds: (text: string) => boolean;
}

/** What somebody was told, by the relay itself. */
class Told {
  /** Of the authority whose lists the relay takes. */
  readonly root: string;
  readonly convened = new Map<MeetingId, Convened>();
  readonly ended = new Set<MeetingId>();
  /** Asked for, and not answered before the end: may have come to be, and need not. */
  readonly unsure = new Set<MeetingId>();
  readonly nonces = new Set<string>();
  readonly participants = new Set<string>();
  readonly entries: ToldEntry[] = [];
  /** Sessions whose act was answered. */
  readonly actors = new Set<string>();
  /** Of every device: higher with each act. */
  lastAct = 0;
  listNumber = 0;

  constructor(root: string) {
    this.root = root;
  }
}

const DEEDS = ['convened', 'entered', 'acted'] as const;
type Deed = (typeof DEEDS)[number];

/** Of one process: whether it told somebody of each deed. */
class Life {
  readonly #done = new Set<Deed>();
  readonly #whole = Promise.withResolvers<boolean>();

  told(deed: Deed): void {
    this.#done.add(deed);
    if (this.#done.size === DEEDS.length) this.#whole.resolve(true);
  }

  /** False where it takes too long. */
  whole(): Promise<boolean> {
    return Promise.race([this.#whole.promise, wait(PATIENCE_MS, false, { ref: false })]);
  }
}

interface Scene {
  readonly relay: CrashRelay;
  readonly url: string;
  /** By the relay's clock. */
  readonly startUnixMs: number;
  readonly told: Told;
  readonly life: Life;
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

const convene = ({ url, told, life, ministry, officials, random }: Scene) =>
  withHello(url, async (client, session) => {
    const by = pick(random, officials) as Official;
    const charter = ministry.charter(by, { meeting: newMeetingId() });
    const { nonce, proof } = await challenged(client, session, by, charter.meeting, 'convene');
    const vouched = await ministry.sign(by, charter);
    told.unsure.add(charter.meeting);
    await client.done('convene', { charter: vouched, proof });
    told.unsure.delete(charter.meeting);
    const judge = { root: ministry.people.root, nowUnixMs: NOW };
    const { digest } = granted(await openCharter(vouched, judge)).opened;
    told.convened.set(charter.meeting, { by, digest });
    told.nonces.add(nonce);
    life.told('convened');
  });

const digestOf = (text: string): string => toBase64Url(sha256(entryInput(text)));

/** The chain's head that it was told with its entry; `undefined` where it is not let in. */
const comeIn = async (
  { told, life, random }: Scene,
  client: RawClient,
  session: string,
  who: Official,
  meeting: MeetingId,
): Promise<Head | undefined> => {
  const { nonce, proof } = await challenged(client, session, who, meeting, 'enter');
  const { certificate } = who.signer;
  const shown = await announce(who, meeting, random.below(2 ** 20));
  const passport = { certificate, clearance: who.clearance, proof };
  const { ok, body } = await client.request('enter', { meeting, passport, ...shown });
  if (ok !== true) return undefined;
  const head = body?.head as Head;
  told.nonces.add(nonce);
  told.participants.add(String(body?.participant));
  told.entries.push({ meeting, n: head.n, holds: (text) => digestOf(text) === head.digest });
  life.told('entered');
  return head;
};

const enter = (scene: Scene) =>
  withHello(scene.url, async (client, session) => {
    const { told, officials, random } = scene;
    const meeting = pick(random, told.convened.keys());
    const who = pick(random, officials) as Official;
    if (meeting !== undefined) await comeIn(scene, client, session, who, meeting);
  });

/** One of them changes something, whatever was ordered before. */
const ordersOf = ({ person }: Official): readonly Order[] => [
  { kind: 'raise-hand' },
  { kind: 'lower-hand', person },
];

/** The chair comes in and orders something. */
const act = (scene: Scene) =>
  withHello(scene.url, async (client, session) => {
    const { told, life, random, startUnixMs } = scene;
    const found = pick(random, told.convened);
    if (found === undefined) return;
    const [meeting, { by, digest }] = found;
    const seen = await comeIn(scene, client, session, by, meeting);
    if (seen === undefined) return;
    const said = { meeting, charter: digest, device: by.device, atUnixMs: startUnixMs, seen };
    for (const order of ordersOf(by)) {
      const signed = await vouch(by.signer, ACT, { ...said, number: ++told.lastAct, order });
      const { ok, body } = await client.request('act', { act: signed });
      if (ok !== true) continue;
      told.entries.push({ meeting, n: Number(body?.n), holds: isActIn(signed) });
      told.actors.add(session);
      life.told('acted');
    }
  });

const isActIn =
  ({ statement }: Vouched) =>
  (text: string): boolean =>
    isDeepStrictEqual(JSON.parse(text).what.act?.statement, statement);

const end = async ({ relay, told, random }: Scene) => {
  const meeting = pick(random, told.convened.keys());
  if (meeting === undefined || random.below(3) > 0) return;
  told.convened.delete(meeting);
  told.unsure.add(meeting);
  const said = relay.line(`ended ${meeting}`);
  relay.tell(`end ${meeting}`);
  if ((await said) === undefined) return;
  told.unsure.delete(meeting);
  told.ended.add(meeting);
};

/** What is under way when the process dies, or in a meeting when it is ended, rejects: that is no finding. */
const busy = async (scene: Scene, dies: Promise<void>): Promise<void> => {
  const deeds = [convene, enter, act, act, end];
  let isDead = false;
  void dies.then(() => {
    isDead = true;
  });
  while (!isDead) await deeds[scene.random.below(deeds.length)]?.(scene).catch(() => {});
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

  const publishList = async (startUnixMs: number) =>
    publish('list', JSON.stringify((await ministry.publish({}, startUnixMs)).vouched));
  for (let crash = 0; crash < CRASHES; crash++) {
    const startUnixMs = NOW + crash * 60_000;
    const relay = new CrashRelay(stateDir, folder, startUnixMs);
    // The first one and the last one live.
    const isYoung = crash > 0 && crash < CRASHES - 1 && random.below(STARTS) === 0;
    try {
      if (isYoung) await wait(random.below(MAX_START_MS));
      else await lived({ relay, startUnixMs, told, ministry, officials, random, publishList });
    } finally {
      await relay.kill();
    }
    await holds(stateDir, told, crash);
  }
  rmSync(home, { recursive: true });
});

interface Living extends Omit<Scene, 'url' | 'life'> {
  readonly publishList: (startUnixMs: number) => Promise<void>;
}

/** Until it is killed, which is after it told somebody of each deed. */
const lived = async ({ publishList, ...scene }: Living): Promise<void> => {
  const { relay, random, startUnixMs } = scene;
  const life = new Life();
  const port = await relay.line('');
  assert.ok(port !== undefined, 'the relay starts after a crash');
  const dies = relay.ended.then(() => {});
  const working = Array.from({ length: CLIENTS }, () =>
    busy({ ...scene, life, url: `ws://127.0.0.1:${port}/v1/meet` }, dies),
  );
  await publishList(startUnixMs);
  const isWhole = await life.whole();
  await wait(random.below(MAX_MORE_MS));
  await relay.kill();
  await Promise.all(working);
  assert.ok(isWhole, 'somebody was told of a meeting, of an entry and of an act');
};

const holds = async (stateDir: string, told: Told, crash: number): Promise<void> => {
  const store = await openRelayStore(stateDir);
  const open = new Set(store.openMeetings().map(({ id }) => id));
  for (const meeting of told.convened.keys())
    assert.ok(open.has(meeting), `crash ${crash}: a convened meeting is there`);
  for (const meeting of told.ended) assert.ok(!open.has(meeting), `crash ${crash}: an ended meeting is over`);
  for (const nonce of told.nonces) {
    const used = store.useOnce({ kind: 'nonce', id: nonce, untilUnixMs: NOW + 86_400_000 });
    assert.equal(used.ok ? 'free' : used.refusal.code, 'once.used', `crash ${crash}: a nonce serves once`);
  }
  for (const { meeting, n, holds: isIt } of told.entries.filter(({ meeting: of }) => told.convened.has(of))) {
    const [text] = store.entriesAfter(meeting, n - 1, 1);
    assert.ok(text !== undefined && isIt(text), `crash ${crash}: entry ${n} is as it was told`);
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
  const actors = new Set(texts.split('\n').filter(isAct).map(byOf));
  for (const session of told.actors)
    assert.ok(actors.has(session), `crash ${crash}: an act that was answered is recorded`);
};

const isAct = (line: string): boolean => line.includes('"kind":"act"') && line.includes('"allowed":true');

const byOf = (line: string): string | undefined => /"by":"([^"]*)"/.exec(line)?.[1];
