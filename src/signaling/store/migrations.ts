import type { DatabaseSync } from 'node:sqlite';
import { transact } from './transaction.ts';

/** `BLFY`: a file of SQLite that is ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x42_4c_46_59;

/**
 * Step n brings a file of version n - 1 to version n. A step that was released is never edited: files were made by it.
 * Times are Unix milliseconds, ids and digests as on the wire.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meeting (
     id TEXT PRIMARY KEY,
     charter BLOB NOT NULL,
     charter_digest TEXT NOT NULL,
     sealed_title BLOB,
     created_unix_ms INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE ban (
     meeting TEXT NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
     person TEXT NOT NULL,
     PRIMARY KEY (meeting, person)
   ) STRICT, WITHOUT ROWID;
   -- Rows only come: the largest number is how many there are.
   CREATE TABLE ended_meeting (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     charter_digest TEXT NOT NULL,
     created_unix_ms INTEGER NOT NULL,
     ended_unix_ms INTEGER NOT NULL
   ) STRICT;`,
  `CREATE TABLE one_time (
     kind TEXT NOT NULL,
     id TEXT NOT NULL,
     until_unix_ms INTEGER NOT NULL,
     PRIMARY KEY (kind, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX one_time_until ON one_time (until_unix_ms);
   -- The end of the latest that was forgotten.
   CREATE TABLE forgotten (
     only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
     until_unix_ms INTEGER NOT NULL
   ) STRICT;
   INSERT INTO forgotten VALUES (1, -1);`,
  `CREATE TABLE seen_list (
     only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
     number INTEGER NOT NULL,
     digest TEXT NOT NULL
   ) STRICT;`,
  // Who was removed for good stands in the meeting's chain, and nowhere else.
  `DROP TABLE ban;
   CREATE TABLE entry (
     meeting TEXT NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
     n INTEGER NOT NULL,
     text TEXT NOT NULL,
     -- Of this one and all before it.
     total_bytes INTEGER NOT NULL,
     PRIMARY KEY (meeting, n)
   ) STRICT;`,
  // Another authority counts its lists anew. A list that was seen before holds for whichever authority is seen first: root ''.
  `ALTER TABLE seen_list RENAME TO seen_before;
   CREATE TABLE seen_list (
     root TEXT PRIMARY KEY,
     number INTEGER NOT NULL,
     digest TEXT NOT NULL
   ) STRICT;
   INSERT INTO seen_list SELECT '', number, digest FROM seen_before;
   DROP TABLE seen_before;`,
];

export const versionOf = (db: DatabaseSync): number => pragma(db, 'user_version');
export const applicationOf = (db: DatabaseSync): number => pragma(db, 'application_id');

const pragma = (db: DatabaseSync, name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);

/** Each step whole or not at all, so that a kill in between leaves a file of one version. */
export const migrate = (db: DatabaseSync, steps: readonly string[] = MIGRATIONS): void => {
  for (const [at, step] of steps.entries()) {
    if (at < versionOf(db)) continue;
    transact(db, () => {
      db.exec(step);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${at + 1}`);
    });
  }
};
