import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreLimits } from '../../src/signaling/store/limits.ts';
import { openSqliteStore } from '../../src/signaling/store/sqlite.ts';

/** A store's file in a folder of its own. */
export const newStoreFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-store-'));
  const path = join(folder, 'relay.sqlite');
  return {
    folder,
    path,
    open: (limits: Partial<StoreLimits> = {}) => openSqliteStore({ path, pid: process.pid, limits }),
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
};
