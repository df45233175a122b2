import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { benchResult } from '../../bench/result.ts';

const PROJECT = join(import.meta.dirname, '../..');
/** One that hangs must fail here. */
const MOST_MS = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'belfry-peers-'));
after(() => rmSync(folder, { recursive: true }));

const skip = availableParallelism() < 2 && 'relay and generator need a core each';

test('a quick run holds Belfry against bare mediasoup and the floor', { skip }, () => {
  const out = join(folder, 'peers.json');
  const args = [join(PROJECT, 'bench/run.ts'), 'peers', '--quick', '--out', out];
  const { status, stderr, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: folder,
    timeout: MOST_MS,
  });
  assert.equal(error, undefined, stderr);
  const result = benchResult.parse(JSON.parse(readFileSync(out, 'utf8')));
  assert.equal(status, result.valid ? 0 : 1, stderr);
  const costOf = (name: string) =>
    result.rows.find((row) => row.case === name && row.measure === 'CPU of the worker per forwarded packet');
  for (const form of ['evenly', 'bursts of 12']) {
    for (const peer of ['Belfry', 'mediasoup', 'mediasoup without estimation', 'floor in C']) {
      const row = costOf(`${peer}, 4 viewers, ${form}`);
      assert.ok(row !== undefined && row.min > 0, `${peer}, ${form}: ${result.why}`);
    }
    assert.equal(costOf(`Belfry, 4 viewers, ${form}`)?.against, `mediasoup, 4 viewers, ${form}`);
  }
  assert.ok(costOf('Belfry, 3 x 3 meeting, evenly'));
  assert.equal(costOf('floor in C, 3 x 3 meeting, evenly'), undefined);
  const missed = result.rows.filter(
    ({ case: name, measure }) => measure === 'rounds skipped or failed' && !name.startsWith('janus'),
  );
  assert.deepEqual(missed, [], `${result.why}`);
});
