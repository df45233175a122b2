import type { DatabaseSync } from 'node:sqlite';
import { openToRead } from './database.ts';
import { faultAt } from './faults.ts';
import { versionOf } from './migrations.ts';

/** How much a store holds; of a version from before there was such a thing, none. */
export interface StoreFigures {
  readonly version: number;
  readonly openMeetings: number;
  readonly endedMeetings: number;
  /** Of the chains of open meetings. */
  readonly entries: number;
  readonly oneTimes: number;
  /** The highest number of a list of revocations, whosever it is; 0 where none was seen. */
  readonly newestList: number;
}

/** Reads a store from end to end, in use or not. Throws what `faults.ts` lists. */
export const inspectStore = (path: string): StoreFigures => {
  const db = openToRead(path);
  try {
    return figuresOf(db);
  } catch (error) {
    throw faultAt(path, error);
  } finally {
    db.close();
  }
};

const figuresOf = (db: DatabaseSync): StoreFigures => ({
  version: versionOf(db),
  openMeetings: numberIn(db, 'meeting', 'count(*)'),
  endedMeetings: numberIn(db, 'ended_meeting', 'count(*)'),
  entries: numberIn(db, 'entry', 'count(*)'),
  oneTimes: numberIn(db, 'one_time', 'count(*)'),
  newestList: numberIn(db, 'seen_list', 'max(number)'),
});

const numberIn = (db: DatabaseSync, table: string, what: string): number => {
  const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table);
  return isThere === undefined ? 0 : Number(db.prepare(`SELECT ${what} AS n FROM ${table}`).get()?.n ?? 0);
};
