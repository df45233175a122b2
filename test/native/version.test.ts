import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { version } from 'mediasoup';
import { parseVersionLine } from '../../native/build.mjs';
import { workerBin } from './worker-bin.ts';

describe('mediasoup-worker --version', () => {
  it('prints one line that names the npm package’s version, and succeeds', () => {
    const { status, stdout, stderr } = spawnSync(workerBin, ['--version'], {
      encoding: 'utf8',
      timeout: 5000,
    });
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assert.equal(stdout.split('\n').length, 2);
    assert.equal(parseVersionLine(stdout)?.version, version);
    assert.match(stdout, / srtp (openssl|nss)$/m);
  });
});
