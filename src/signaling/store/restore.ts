import { existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { copyStore } from './copy.ts';
import { faultAt } from './faults.ts';
import { syncPath } from './files.ts';
import type { StoreFigures } from './inspect.ts';
import { lockStore } from './lock.ts';

export interface Restored {
  readonly figures: StoreFigures;
  /** Where the store is that was there before. */
  readonly aside: string | undefined;
}

export interface RestoreOptions {
  readonly path: string;
  readonly backup: string;
  readonly pid: number;
  readonly nowUnixMs: number;
}

const PENDING = '.restoring-';
const STAMP = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/;
/** A store's parts: the log belongs to its file, and beside another's it would destroy that. */
const PARTS = ['', '-wal', '-shm'] as const;

/**
 * Puts a copy of `backup` in the place of the store `path`, and that aside. Killed at any moment it leaves the old store,
 * or what `finishRestore` makes the new one of. Throws `store.busy` while a relay runs, and what `faults.ts` lists.
 */
export const restoreStore = ({ path, backup, pid, nowUnixMs }: RestoreOptions): Restored => {
  const lock = lockStore(path, pid);
  try {
    finishRestore(path);
    const stamp = new Date(nowUnixMs).toISOString().replaceAll(':', '-');
    const figures = copyStore(backup, `${path}${PENDING}${stamp}`);
    finishRestore(path);
    const aside = asideOf(path, stamp);
    return { figures, aside: existsSync(aside) ? aside : undefined };
  } catch (error) {
    throw faultAt(path, error);
  } finally {
    lock.release();
  }
};

const asideOf = (path: string, stamp: string): string => `${path}.replaced-${stamp}`;

/** Once a whole copy bears its name a restore goes on to its end, here or at the next opening. Only with the lock. */
export const finishRestore = (path: string): void => {
  const stamp = pendingStampOf(path);
  if (stamp === undefined) return;
  for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, asideOf(path, stamp) + part);
  renameSync(`${path}${PENDING}${stamp}`, path);
  syncPath(dirname(path));
};

const pendingStampOf = (path: string): string | undefined => {
  const begins = basename(path) + PENDING;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(begins))
    .map((name) => name.slice(begins.length))
    .find((stamp) => STAMP.test(stamp));
};
