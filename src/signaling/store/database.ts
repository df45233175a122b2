import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { damaged, faultAt, foreign, newer, none } from './faults.ts';
import { createPrivate } from './files.ts';
import { APPLICATION_ID, applicationOf, MIGRATIONS, migrate, versionOf } from './migrations.ts';

/** Nobody but the holder of the lock writes; a reader that recovers the log holds it up for moments. */
const BUSY_MS = 1_000;
/** What the log beside the file may keep on the disk after a checkpoint. */
const LOG_BYTES = 8_388_608;

/** Commits are on the disk (FULL), and what was deleted is overwritten: an ended meeting leaves no charter behind. */
const PRAGMAS = `
  PRAGMA synchronous = FULL;
  PRAGMA secure_delete = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA journal_size_limit = ${LOG_BYTES};
`;

/** The file, of the newest version, for its one writer. Throws what `faults.ts` lists. */
export const openDatabase = (path: string, maxBytes: number): DatabaseSync =>
  opened(path, {}, (db) => {
    if (!isEmpty(db)) judge(db, path, 'quick_check');
    db.exec(PRAGMAS);
    useLog(db);
    migrate(db);
    limitSize(db, maxBytes);
  });

/** A file that others may be writing, looked through from end to end; of any version up to this program's. */
export const openToRead = (path: string): DatabaseSync => {
  if (!existsSync(path)) throw none(path);
  return opened(path, { readOnly: true }, (db) => {
    if (isEmpty(db)) throw none(path);
    judge(db, path, 'integrity_check');
  });
};

const opened = (
  path: string,
  options: { readonly readOnly?: boolean },
  prepare: (db: DatabaseSync) => void,
): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    if (options.readOnly !== true) createPrivate(path);
    db = new DatabaseSync(path, { timeout: BUSY_MS, ...options });
    prepare(db);
    return db;
  } catch (error) {
    db?.close();
    throw faultAt(path, error);
  }
};

/** Just made, or killed before its first step: nothing was ever promised by it. */
const isEmpty = (db: DatabaseSync): boolean =>
  applicationOf(db) === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;

const judge = (db: DatabaseSync, path: string, check: 'quick_check' | 'integrity_check'): void => {
  if (applicationOf(db) !== APPLICATION_ID) throw foreign(path);
  const version = versionOf(db);
  if (version > MIGRATIONS.length) throw newer(path, version, MIGRATIONS.length);
  const found = db.prepare(`PRAGMA ${check}(1)`).get()?.[check];
  if (found !== 'ok') throw damaged(path, String(found));
};

/** Write-ahead log: readers never wait for the writer, and a commit costs one flush. A network disk has none. */
const useLog = (db: DatabaseSync): void => {
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode !== 'wal') throw new Error(`its disk has no write-ahead log (${mode})`);
};

const limitSize = (db: DatabaseSync, maxBytes: number): void => {
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size);
  db.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)}`);
};
