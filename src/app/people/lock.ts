import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { pathIn } from './files.ts';

/** Another command is done in far less; longer than a person waits without a word would be too long. */
const WAIT_MS = 5_000;

/**
 * Runs `work` while no other process works in the folder: a code must be used once, and a number given once. The lock
 * is SQLite's on an empty database, because the kernel takes that away from a process that ends, however it ends.
 */
export const withLock = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  const lock = open(pathIn(folder, 'lock'));
  try {
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
    chmodSync(path, 0o600);
    return lock;
  } catch (cause) {
    lock?.close();
    throw new BelfryError('people.busy', `${path} cannot be locked: ${messageOf(cause)}`, {
      remedy:
        'wait until no other belfry ca works in this folder; it must be on a disk of this machine, and may be written to',
      cause,
    });
  }
};
