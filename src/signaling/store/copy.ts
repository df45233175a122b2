import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BelfryError } from '../../base/errors.ts';
import { openToRead } from './database.ts';
import { faultAt } from './faults.ts';
import { createPrivate, syncPath } from './files.ts';
import { inspectStore, type StoreFigures } from './inspect.ts';

/**
 * Copies the store `from`, which may be in use, into one file `to`, as it was at one moment. Its name shows a whole copy
 * that was looked through and is on the disk, or nothing. Throws `store.exists`, and what `faults.ts` lists.
 */
export const copyStore = (from: string, to: string): StoreFigures => {
  if (existsSync(to))
    throw new BelfryError('store.exists', `${to} is there already`, { remedy: 'name another file' });
  try {
    return copyAside(from, to);
  } catch (error) {
    throw faultAt(to, error);
  }
};

/** In a folder of its own, which others cannot enter and no other copy takes. */
const copyAside = (from: string, to: string): StoreFigures => {
  const folder = mkdtempSync(`${to}.`);
  try {
    const copy = join(folder, 'copy');
    vacuumInto(from, copy);
    const figures = inspectStore(copy);
    syncPath(copy);
    renameSync(copy, to);
    syncPath(dirname(to));
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * One reading transaction, which a busy writer neither hinders nor is hindered by; SQLite's backup begins anew with each
 * write of another process. What was deleted is not copied.
 */
const vacuumInto = (from: string, copy: string): void => {
  const db = openToRead(from);
  try {
    createPrivate(copy);
    db.prepare('VACUUM INTO ?').run(copy);
  } finally {
    db.close();
  }
};
