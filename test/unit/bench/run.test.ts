import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { benchResult } from '../../../bench/result.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
after(() => rmSync(folder, { recursive: true }));

const runBench = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(PROJECT, 'bench/run.ts'), ...args], { encoding: 'utf8', cwd: folder });

test('a quick run of sframe prints its table and keeps it in the one schema', () => {
  const out = join(folder, 'sframe.json');
  const { status, stdout, stderr } = runBench('sframe', '--quick', '--out', out, '--seed', '7');
  const result = benchResult.parse(JSON.parse(readFileSync(out, 'utf8')));
  assert.equal(stderr, '');
  assert.equal(status, result.valid ? 0 : 1);
  assert.equal(result.name, 'sframe');
  assert.equal(result.seed, 7);
  assert.equal(result.valid, result.why === null);

  const cases = (measure: string) =>
    result.rows.filter((row) => row.measure === measure).map((row) => row.case);
  for (const size of ['1 KB', '5 KB', '30 KB']) {
    for (const what of ['bare', 'seal', 'open']) {
      assert.ok(cases('time per frame').includes(`${size} ${what}`), `${size} ${what}`);
    }
    assert.ok(cases('CPU time by that of bare, in one round').includes(`${size} seal`), size);
  }
  const seal = result.rows.find((row) => row.case === '1 KB seal' && row.against !== null);
  assert.equal(seal?.against, '1 KB bare');
  for (const row of result.rows) assert.match(stdout, new RegExp(`^${row.case} +${row.measure} `, 'm'));
});

test('help names every benchmark', () => {
  const { status, stdout } = runBench('--help');
  assert.equal(status, 0);
  assert.match(stdout, /^ {2}sframe {2,}\S/m);
});

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no name', [], /Name a benchmark: .*sframe/],
  ['an unknown name', ['nothing'], /There is no benchmark nothing\. There are: .*sframe/],
  ['a name that every object has', ['constructor'], /There is no benchmark constructor/],
  ['two names', ['sframe', 'sframe'], /One benchmark at a time/],
  ['an unknown option', ['sframe', '--fast'], /--fast/],
  ['a seed that is no whole number', ['sframe', '--seed', '1.5'], /--seed takes a whole number/],
];
for (const [what, args, message] of wrong) {
  test(`${what} ends with status 2 and the way on`, () => {
    const { status, stderr, stdout } = runBench(...args);
    assert.match(stderr, message);
    assert.match(stderr, /--help/);
    assert.equal(stdout, '');
    assert.equal(status, 2);
  });
}
