import { BelfryError, messageOf } from '../../base/errors.ts';

/** Primary result codes (sqlite.org/rescode.html). */
const DAMAGED = new Set([/* CORRUPT */ 11, /* NOTADB */ 26]);
const UNWRITABLE = new Set([
  /* PERM */ 3, /* BUSY */ 5, /* READONLY */ 8, /* IOERR */ 10, /* FULL */ 13, /* CANTOPEN */ 14,
]);
const BUSY = new Set([5]);

/** Extended codes hold the primary one in their lowest byte. */
const isOneOf = (codes: ReadonlySet<number>, error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  codes.has(error.errcode & 0xff);

export const isUnwritable = (error: unknown): boolean => isOneOf(UNWRITABLE, error);
export const isBusy = (error: unknown): boolean => isOneOf(BUSY, error);

const RESTORE = 'restore a backup: belfry store restore FILE, which keeps this file aside';

export const damaged = (path: string, why: string, cause?: unknown): BelfryError =>
  new BelfryError('store.damaged', `${path} is damaged: ${why}`, { remedy: RESTORE, cause });

export const newer = (path: string, version: number, known: number): BelfryError =>
  new BelfryError('store.newer', `${path} is of version ${version}, and this program knows ${known}`, {
    remedy: 'run the newer belfry that wrote it, or restore a backup from before: belfry store restore FILE',
  });

export const foreign = (path: string): BelfryError =>
  new BelfryError('store.foreign', `${path} is a database of another program`, {
    remedy: 'name another file or folder',
  });

export const none = (path: string): BelfryError =>
  new BelfryError('store.none', `${path} holds no store`, {
    remedy: 'name the folder of the relay with --state-dir, or the file of a backup',
  });

/** What was thrown at a file, in words for whoever can put it right. */
export const faultAt = (path: string, error: unknown): BelfryError => {
  if (error instanceof BelfryError) return error;
  if (isOneOf(DAMAGED, error)) return damaged(path, messageOf(error), error);
  return new BelfryError('store.unusable', `${path} cannot be used: ${messageOf(error)}`, {
    remedy: 'make room and rights there, on a disk of this machine; or name another folder with --state-dir',
    cause: error,
  });
};
