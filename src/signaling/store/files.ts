import { chmodSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** For the owner alone; SQLite gives the files beside it the same. */
const MODE = 0o600;

/**
 * Makes `path` for its owner alone, whoever made it. An existing one is not opened: to close it would drop the locks that
 * this process holds on it (fcntl(2)).
 */
export const createPrivate = (path: string): void => {
  try {
    closeSync(openSync(path, 'ax', MODE));
    syncPath(dirname(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if (!statSync(path).isFile()) throw new Error('it is no file');
  chmodSync(path, MODE);
};

/** On the disk: a file's bytes, or a folder's names. Not for a file that SQLite has open in this process. */
export const syncPath = (path: string): void => {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};
