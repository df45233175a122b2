import { chmod } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { BelfryError } from '../../base/errors.ts';
import { pathIn } from './files.ts';

/** Another command is done in far less; longer than a person waits without a word would be too long. */
const WAIT_MS = 5_000;

/**
 * Runs `work` while no other process works in the folder: a code must be used once, and a number given once. The lock
 * is SQLite's on an empty database, because the kernel takes that away from a process that ends, however it ends.
 */
export const withLock = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const path = pathIn(folder, 'lock');
  const lock = open(path);
  try {
    await chmod(path, 0o600);
    return await work();
  } finally {
    lock.close();
  }
};

const open = (path: string): DatabaseSync => {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: WAIT_MS });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    throw new BelfryError('people.busy', `${path} cannot be locked`, {
      remedy: 'wait until no other belfry ca works in this folder; it must be on a disk of this machine',
      cause,
    });
  }
};
