import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CANNOT_MOUNT, OWN_MOUNTS } from '../../../support/own-mounts.ts';

const SCRIPT = new URL('../../../support/full-record.ts', import.meta.url).pathname;

test('a record on a full disk keeps no part of a line, and takes whole ones from its reserve', {
  skip: CANNOT_MOUNT,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-full-record-'));
  try {
    const { stdout, stderr } = spawnSync('unshare', [...OWN_MOUNTS, process.execPath, SCRIPT, folder], {
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(stdout || assert.fail(stderr)), {
      before: 'ok',
      full: 'ENOSPC',
      released: 'ok',
      lines: ['a 32768', 'c 32768', ' 0'],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
