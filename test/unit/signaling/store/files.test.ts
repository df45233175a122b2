import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { openDatabase } from '../../../../src/signaling/store/database.ts';
import { inspectStore } from '../../../../src/signaling/store/inspect.ts';
import { MIGRATIONS, migrate, versionOf } from '../../../../src/signaling/store/migrations.ts';
import { openSqliteStore } from '../../../../src/signaling/store/sqlite.ts';
import { newStoreFolder } from '../../../support/store-folder.ts';
import { codeOf } from '../../../support/store-plan.ts';
import { digestOf, meetingOf } from '../../../support/stored.ts';

describe("a store's file", () => {
  let rig: ReturnType<typeof newStoreFolder>;
  beforeEach(() => {
    rig = newStoreFolder();
  });
  afterEach(() => rig.end());

  const withDatabase = <T>(work: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(rig.path);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const fill = () => {
    const store = rig.open();
    for (let number = 1; number <= 40; number++) store.openMeeting(meetingOf(number));
    store.close();
  };

  test('is for its owner alone, and the files beside it', () => {
    const store = rig.open();
    store.openMeeting(meetingOf(1));
    for (const part of ['', '-wal', '-shm', '.lock'])
      assert.equal(statSync(rig.path + part).mode & 0o777, 0o600, part);
    store.close();
    chmodSync(rig.path, 0o644);
    rig.open().close();
    assert.equal(statSync(rig.path).mode & 0o777, 0o600);
  });

  test('is written ahead, and flushed with each commit', () => {
    const db = openDatabase(rig.path, 1_000_000);
    const settingOf = (name: string) => db.prepare(`PRAGMA ${name}`).get()?.[name];
    assert.deepEqual(['journal_mode', 'synchronous', 'foreign_keys'].map(settingOf), ['wal', 2, 1]);
    db.close();
  });

  test('holds nothing of the charter and title of a meeting that has ended', () => {
    const store = rig.open();
    const meeting = meetingOf(0x5a);
    store.openMeeting(meeting);
    store.endMeeting(meeting.id, 2);
    store.close();
    assert.equal(readFileSync(rig.path).includes(Buffer.from(meeting.charter)), false);
  });

  test('of each older version becomes one of the newest, and keeps what it held', () => {
    for (let version = 0; version <= MIGRATIONS.length; version++) {
      const older = newStoreFolder();
      const db = new DatabaseSync(older.path);
      migrate(db, MIGRATIONS.slice(0, version));
      assert.equal(versionOf(db), version);
      const { id, charter, charterDigest, createdUnixMs } = meetingOf(version);
      if (version > 0)
        db.prepare('INSERT INTO meeting VALUES (?, ?, ?, NULL, ?)').run(
          id,
          charter,
          charterDigest,
          createdUnixMs,
        );
      db.close();
      const store = older.open();
      assert.deepEqual(
        store.openMeetings().map((one) => one.id),
        version > 0 ? [id] : [],
      );
      assert.equal(store.useOnce({ kind: 'nonce', id: 'a', untilUnixMs: 5 }).ok, true);
      store.close();
      assert.equal(inspectStore(older.path).version, MIGRATIONS.length);
      older.end();
    }
  });

  test('of before authorities were told apart holds its list against the first one that comes', () => {
    withDatabase((db) => {
      migrate(db, MIGRATIONS.slice(0, 4));
      db.prepare('INSERT INTO seen_list VALUES (1, 5, ?)').run(digestOf(5));
    });
    const store = rig.open();
    const list = { root: digestOf(1), number: 4, digest: digestOf(4) };
    assert.equal(store.lastSeenList(list.root)?.number, 5);
    assert.equal(codeOf(store.seeList(list)), 'revocation.older');
    assert.equal(codeOf(store.seeList({ ...list, number: 6 })), 'ok');
    assert.equal(codeOf(store.seeList({ ...list, root: digestOf(2) })), 'ok', 'another one counts anew');
    store.close();
  });

  test('stays of its version where a step fails, and holds nothing of that step', () => {
    withDatabase((db) => {
      migrate(db, ['CREATE TABLE one (a TEXT) STRICT']);
      const steps = ['never run again', 'CREATE TABLE two (a TEXT) STRICT; INSERT INTO three VALUES (1)'];
      assert.throws(() => migrate(db, steps), /three/);
      assert.equal(versionOf(db), 1);
      const tables = db.prepare('SELECT name FROM sqlite_schema').all();
      assert.deepEqual(
        tables.map(({ name }) => name),
        ['one'],
      );
    });
  });

  test('of a newer version is left alone', () => {
    fill();
    withDatabase((db) => db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`));
    const before = readFileSync(rig.path);
    for (const use of [() => rig.open(), () => inspectStore(rig.path)])
      assert.throws(use, { code: 'store.newer', remedy: /newer belfry.*store restore/ });
    assert.deepEqual(readFileSync(rig.path), before);
  });

  test('of another program is left alone', () => {
    withDatabase((db) => db.exec('CREATE TABLE theirs (a TEXT)'));
    const before = readFileSync(rig.path);
    for (const use of [() => rig.open(), () => inspectStore(rig.path)])
      assert.throws(use, { code: 'store.foreign' });
    assert.deepEqual(readFileSync(rig.path), before);
  });

  test('that is damaged is refused, with the way out, and can be opened when it is whole again', () => {
    fill();
    const whole = readFileSync(rig.path);
    const damages: Readonly<Record<string, () => void>> = {
      'no database': () => writeFileSync(rig.path, 'x'.repeat(whole.length)),
      'cut off': () => truncateSync(rig.path, whole.length / 2),
      'a page overwritten': () => writeFileSync(rig.path, Buffer.from(whole).fill(0xff, 4_096, 8_192)),
    };
    for (const [what, damage] of Object.entries(damages)) {
      damage();
      for (const use of [() => rig.open(), () => inspectStore(rig.path)])
        assert.throws(use, { code: 'store.damaged', remedy: /belfry store restore FILE/ }, what);
    }
    writeFileSync(rig.path, whole);
    const store = rig.open();
    assert.equal(store.openMeetings().length, 40);
    store.close();
  });

  test('that was made and never written is begun anew', () => {
    writeFileSync(rig.path, '');
    assert.throws(() => inspectStore(rig.path), { code: 'store.none' });
    rig.open().close();
    assert.equal(inspectStore(rig.path).openMeetings, 0);
  });

  test('that is not there is not made by looking at it', () => {
    assert.throws(() => inspectStore(rig.path), { code: 'store.none' });
    assert.equal(existsSync(rig.path), false);
  });

  test('is a file: what is something else is left as it is', () => {
    mkdirSync(rig.path, { mode: 0o755 });
    assert.throws(() => rig.open(), { code: 'store.unusable', message: /it is no file/ });
    assert.equal(statSync(rig.path).mode & 0o777, 0o755);
  });

  test('where none can be is refused in words', () => {
    const path = join(rig.folder, 'none', 'relay.sqlite');
    assert.throws(() => openSqliteStore({ path, pid: process.pid }), {
      code: 'store.unusable',
      remedy: /--state-dir/,
    });
  });
});
