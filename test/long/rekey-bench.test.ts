import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { benchResult } from '../../bench/result.ts';
import { PROJECT_DIR } from '../support/source-tree.ts';

/** A quick run takes under a minute where it has two cores to itself, and far more beside others. */
const MAX_MS = 600_000;
const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
after(() => rmSync(folder, { recursive: true }));

test('the benchmark of changes of keys measures leaves and joins over a real relay, and says who computed', () => {
  const out = join(folder, 'rekey.json');
  const args = [join(PROJECT_DIR, 'bench/run.ts'), 'rekey', '--quick', '--out', out];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: folder,
    timeout: MAX_MS,
  });
  assert.equal(status, 0, stderr);
  const { rows, valid } = benchResult.parse(JSON.parse(readFileSync(out, 'utf8')));
  assert.equal(valid, true);
  for (const what of ['leave', 'join'])
    for (const suite of ['X25519', 'X-Wing']) {
      const name = `${what}, 25 members of whom 11 compute, ${suite}`;
      const of = (measure: RegExp) => rows.find((row) => row.case === name && measure.test(row.measure));
      assert.equal(of(/^critical path until a member/)?.n, 22);
      assert.equal(of(/^member processes, alone/)?.n, 20);
      assert.ok((of(/^bytes in all/)?.min ?? 0) > 25 * (of(/^bytes to a member/)?.min ?? 0) * 0.5);
    }
  assert.ok(rows.some((row) => /all compute here/.test(row.case)));
  assert.match(readFileSync(join(folder, 'rekey.svg'), 'utf8'), /^<svg /);
});
