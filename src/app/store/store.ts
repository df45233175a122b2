import { join } from 'node:path';
import type { Store } from '../../signaling/ports.ts';
import { copyStore } from '../../signaling/store/copy.ts';
import { inspectStore, type StoreFigures } from '../../signaling/store/inspect.ts';
import { type Restored, restoreStore } from '../../signaling/store/restore.ts';
import { openSqliteStore } from '../../signaling/store/sqlite.ts';
import { openFolder } from '../state-files.ts';

export type { Restored, StoreFigures };

export const storePathIn = (stateDir: string): string => join(stateDir, 'relay.sqlite');

const openStateFolder = (stateDir: string): Promise<void> =>
  openFolder({ path: stateDir, flag: '--state-dir' });

/** For the one relay of this folder, until it is closed. Throws `store.…`, and what the folder throws. */
export const openRelayStore = async (stateDir: string): Promise<Store> => {
  await openStateFolder(stateDir);
  return openSqliteStore({ path: storePathIn(stateDir), pid: process.pid });
};

/** While the relay runs, or not. Never over a file that is there. */
export const backUpStore = (stateDir: string, file: string): StoreFigures =>
  copyStore(storePathIn(stateDir), file);

/** While no relay runs. */
export const restoreRelayStore = async (
  stateDir: string,
  backup: string,
  nowUnixMs: number,
): Promise<Restored> => {
  await openStateFolder(stateDir);
  return restoreStore({ path: storePathIn(stateDir), backup, pid: process.pid, nowUnixMs });
};

/** The store of the folder, or any file that a backup made. */
export const verifyStore = inspectStore;
