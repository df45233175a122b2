import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { heldReserves } from '../../../support/held-reserve.ts';
import { CANNOT_MOUNT, OWN_MOUNTS } from '../../../support/own-mounts.ts';
import { newStoreFolder } from '../../../support/store-folder.ts';

const SCRIPT = new URL('../../../support/full-disk.ts', import.meta.url).pathname;

describe('a store on a disk', () => {
  test('that is full still takes who is out, what ends and who was revoked, and nothing else', {
    skip: CANNOT_MOUNT,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-full-'));
    try {
      const { stdout, stderr } = spawnSync('unshare', [...OWN_MOUNTS, process.execPath, SCRIPT, folder], {
        encoding: 'utf8',
      });
      const UNWRITABLE = 'store.unwritable';
      assert.deepEqual(JSON.parse(stdout || assert.fail(stderr)), {
        before: ['ok', 'ok'],
        full: { nonce: UNWRITABLE, entry: UNWRITABLE, meeting: UNWRITABLE },
        little: UNWRITABLE,
        removals: Array.from({ length: 100 }, () => 'ok'),
        after: { entry: UNWRITABLE, list: 'ok' },
        again: 'ok',
        isKept: true,
        ended: 'ok',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('keeps room, in a file that no folder names, and gives it back', () => {
    const rig = newStoreFolder();
    const store = rig.open();
    assert.deepEqual(heldReserves(rig.path), [4_194_304]);
    assert.equal(existsSync(`${rig.path}.reserve`), false, 'nothing is left of it by a kill');
    store.close();
    assert.deepEqual(heldReserves(rig.path), []);
    rig.end();
  });
});
