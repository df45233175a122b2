import { DatabaseSync } from 'node:sqlite';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { isBusy } from './faults.ts';
import { createPrivate } from './files.ts';

/** The moment in which the holder writes who it is. */
const WAIT_MS = 250;

/** That this process alone writes a store. */
export interface StoreLock {
  release(): void;
}

/**
 * Locks `path` by an empty database beside it, whose one field (PRAGMA user_version) says who holds it. It is the kernel
 * that takes the lock away from a process that ends, however it ends. It is not the store's own lock, because that
 * would keep readers (backups) out, and would go where a restore moves the file. Throws `store.busy`.
 */
export const lockStore = (path: string, pid: number): StoreLock => {
  const lockPath = `${path}.lock`;
  let lock: DatabaseSync | undefined;
  try {
    createPrivate(lockPath);
    lock = new DatabaseSync(lockPath, { timeout: WAIT_MS });
    take(lock, path, pid);
  } catch (error) {
    lock?.close();
    throw brokenLock(lockPath, error);
  }
  const held = lock;
  return { release: () => held.close() };
};

/** Reserved, not exclusive: others may read who it is. Whoever comes in between the two is the holder, and says so. */
const take = (lock: DatabaseSync, path: string, pid: number): void => {
  try {
    lock.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${pid}; COMMIT; BEGIN IMMEDIATE`);
  } catch (error) {
    if (!isBusy(error)) throw error;
    const holder = Number(lock.prepare('PRAGMA user_version').get()?.user_version);
    throw new BelfryError('store.busy', `process ${holder} works with ${path}`, {
      remedy: 'stop it first (belfry serve, demo or store restore), or name another folder with --state-dir',
      cause: error,
    });
  }
};

const brokenLock = (path: string, error: unknown): BelfryError =>
  error instanceof BelfryError
    ? error
    : new BelfryError('store.unusable', `${path} cannot be locked: ${messageOf(error)}`, {
        remedy:
          'make room and rights there, or name another folder with --state-dir; if it is broken, remove it while no relay runs',
        cause: error,
      });
