import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { copyStore } from '../../../../src/signaling/store/copy.ts';
import { inspectStore } from '../../../../src/signaling/store/inspect.ts';
import { lockStore } from '../../../../src/signaling/store/lock.ts';
import { MIGRATIONS } from '../../../../src/signaling/store/migrations.ts';
import { restoreStore } from '../../../../src/signaling/store/restore.ts';
import { openSqliteStore } from '../../../../src/signaling/store/sqlite.ts';
import { newStoreFolder } from '../../../support/store-folder.ts';
import { firstSteps } from '../../../support/store-plan.ts';
import { type StoreProcess, startWriter } from '../../../support/store-process.ts';
import { stepsIn } from '../../../support/store-view.ts';
import { idOf, meetingOf } from '../../../support/stored.ts';

const SEED = 7;
const NOW = Date.UTC(2026, 10, 25, 9, 30, 0, 5);
const STAMP = '2026-11-25T09-30-00.005Z';

describe('a store and several processes', () => {
  let rig: ReturnType<typeof newStoreFolder>;
  let backup: string;
  const writers: StoreProcess[] = [];
  beforeEach(() => {
    rig = newStoreFolder();
    backup = join(rig.folder, 'backup');
  });
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.kill();
    rig.end();
  });

  const write = async (answers: number): Promise<StoreProcess> => {
    const writer = startWriter(rig.path, SEED);
    writers.push(writer);
    await writer.told(answers);
    return writer;
  };
  const restore = () => restoreStore({ path: rig.path, backup, pid: process.pid, nowUnixMs: NOW });
  const idsIn = (path: string) => {
    const store = openSqliteStore({ path, pid: process.pid });
    const ids = store.openMeetings().map(({ id }) => id);
    store.close();
    return ids;
  };
  /** A store with one meeting, and a backup from when it held another. */
  const fill = () => {
    const store = rig.open();
    store.openMeeting(meetingOf(1));
    copyStore(rig.path, backup);
    store.openMeeting(meetingOf(2));
    store.endMeeting(idOf(1), 9_000);
    store.close();
  };

  test('one holds it, others are told which, until it is killed', async () => {
    const writer = await write(1);
    copyStore(rig.path, backup);
    for (const use of [() => rig.open(), restore])
      assert.throws(use, {
        code: 'store.busy',
        message: new RegExp(`^process ${writer.pid} works with`),
        remedy: /--state-dir/,
      });
    const { length } = await writer.kill();
    const store = rig.open();
    stepsIn(store, inspectStore(rig.path), firstSteps(SEED, length + 1), length);
    store.close();
  });

  test('neither does one process open it twice', () => {
    const store = rig.open();
    const told = { code: 'store.busy', message: new RegExp(`^process ${process.pid} `) };
    assert.throws(() => rig.open(), told);
    assert.throws(() => rig.open(), told);
    assert.equal(store.openMeeting(meetingOf(1)).ok, true);
    store.close();
    rig.open().close();
  });

  test('a lock that cannot be read is no store, and says so', () => {
    writeFileSync(`${rig.path}.lock`, 'x'.repeat(5_000));
    assert.throws(() => lockStore(rig.path, 1), { code: 'store.unusable', remedy: /remove it/ });
  });

  test('a copy of one that is being written is that of one moment, whole, and for its owner alone', async () => {
    const writer = await write(40);
    const acknowledged = writer.answers().length;
    const figures = copyStore(rig.path, backup);
    assert.deepEqual(inspectStore(backup), figures);
    assert.equal(statSync(backup).mode & 0o777, 0o600);
    const { length } = await writer.kill();
    const copy = openSqliteStore({ path: backup, pid: process.pid });
    stepsIn(copy, figures, firstSteps(SEED, length + 1), acknowledged);
    copy.close();
    assert.deepEqual(
      readdirSync(rig.folder).filter((name) => /^backup\../.test(name) && name !== 'backup.lock'),
      [],
    );
  });

  test('a copy never takes the place of a file, nor comes from nothing', () => {
    assert.throws(() => copyStore(rig.path, backup), { code: 'store.none' });
    assert.equal(existsSync(backup), false);
    fill();
    const before = readFileSync(backup);
    assert.throws(() => copyStore(rig.path, backup), { code: 'store.exists' });
    assert.deepEqual(readFileSync(backup), before);
    assert.throws(() => copyStore(rig.path, join(rig.folder, 'none', 'backup')), { code: 'store.unusable' });
  });

  test('what is restored is the backup, and what was there is kept aside', () => {
    fill();
    const { figures, aside } = restore();
    assert.deepEqual([figures.openMeetings, figures.endedMeetings], [1, 0]);
    assert.equal(figures.version, MIGRATIONS.length);
    assert.deepEqual(idsIn(rig.path), [idOf(1)]);
    assert.equal(aside, `${rig.path}.replaced-${STAMP}`);
    assert.deepEqual(idsIn(aside), [idOf(2)]);
    assert.deepEqual(idsIn(backup), [idOf(1)], 'the backup stays');
  });

  test('restored where nothing was, it is there', () => {
    fill();
    const elsewhere = newStoreFolder();
    const options = { path: elsewhere.path, backup, pid: process.pid, nowUnixMs: NOW };
    assert.equal(restoreStore(options).aside, undefined);
    assert.deepEqual(idsIn(elsewhere.path), [idOf(1)]);
    elsewhere.end();
  });

  test('a log that a killed process left goes aside with its file, and not into the backup', async () => {
    const writer = await write(60);
    copyStore(rig.path, backup);
    await writer.told(writer.answers().length + 20);
    const { length } = await writer.kill();
    const held = inspectStore(backup);
    assert.equal(existsSync(`${rig.path}-wal`), true);
    const { aside = '' } = restore();
    assert.deepEqual(inspectStore(rig.path), held);
    const old = openSqliteStore({ path: aside, pid: process.pid });
    stepsIn(old, inspectStore(aside), firstSteps(SEED, length + 1), length);
    old.close();
  });

  test('a damaged store gives way to its backup', () => {
    fill();
    writeFileSync(rig.path, 'x'.repeat(20_000));
    assert.throws(() => rig.open(), { code: 'store.damaged' });
    const { aside = '' } = restore();
    assert.deepEqual(idsIn(rig.path), [idOf(1)]);
    assert.match(readFileSync(aside, 'utf8'), /^x+$/);
  });

  test('a backup that is none changes nothing', () => {
    fill();
    const whole = readFileSync(backup);
    const damages: readonly [string, Buffer][] = [
      ['store.damaged', Buffer.from(whole).fill(0xff, 4_096, 8_192)],
      ['store.damaged', whole.subarray(0, whole.length / 2)],
      ['store.none', Buffer.alloc(0)],
    ];
    for (const [code, bytes] of damages) {
      writeFileSync(backup, bytes);
      assert.throws(restore, { code });
    }
    assert.deepEqual(idsIn(rig.path), [idOf(2)]);
  });

  test('a restore that was killed goes on at the next opening, however far it was', () => {
    const aside = (part: string) => `${rig.path}.replaced-${STAMP}${part}`;
    const moves = ['', '-wal'].map((part) => () => renameSync(rig.path + part, aside(part)));
    for (let done = 0; done <= moves.length; done++) {
      rig.end();
      rig = newStoreFolder();
      backup = join(rig.folder, 'backup');
      fill();
      copyFileSync(backup, `${rig.path}.restoring-${STAMP}`);
      writeFileSync(`${rig.path}-wal`, '');
      for (const move of moves.slice(0, done)) move();
      assert.deepEqual(idsIn(rig.path), [idOf(1)], `after ${done} moves`);
      assert.deepEqual(idsIn(aside('')), [idOf(2)], `after ${done} moves`);
      assert.equal(existsSync(`${rig.path}.restoring-${STAMP}`), false);
    }
  });

  test('a copy that was killed before it was whole is not taken for one', () => {
    fill();
    writeFileSync(`${rig.path}.restoring-${STAMP}.Ab3xYz`, 'half');
    assert.deepEqual(idsIn(rig.path), [idOf(2)]);
  });
});
