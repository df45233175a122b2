import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type FileResult, fileLine, lastLine } from '../../../scripts/lib/testfile.mjs';

const MODULE = new URL('../../../scripts/lib/testfile.mjs', import.meta.url).href;

describe('lastLine', () => {
  it('adds up, and speaks of skipped tests only where there are any', () => {
    assert.equal(lastLine([]), '0 passed, 0 failed');
    assert.equal(
      lastLine([
        { passed: 2, failed: 1, skipped: 0 },
        { passed: 1, failed: 0, skipped: 0 },
      ]),
      '3 passed, 1 failed',
    );
    assert.equal(lastLine([{ passed: 2, failed: 0, skipped: 3 }]), '2 passed, 0 failed, 3 skipped');
  });
});

describe('fileLine', () => {
  it('is one line with verdict, duration, file and counts', () => {
    const counts = { passed: 2, failed: 1, skipped: 0 };
    const line = fileLine({ file: '/p/test/a.test.ts', counts, failures: [], durationMs: 1234 }, '/p');
    assert.equal(line, 'FAIL   1.2 s  test/a.test.ts  (2 passed, 1 failed)');
  });
});

describe('a test file’s run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-tests-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a file in a process apart: node:test cannot start a run inside of a run. */
  function run(name: string, body: string, signal = 'new AbortController().signal'): FileResult {
    const file = join(folder, `${name}.test.mjs`);
    const heading =
      "import assert from 'node:assert/strict'; import { describe, it, test } from 'node:test';";
    writeFileSync(file, `${heading}\n${body}\n`);
    // A file, not `-e`: node:test hands its own process's options on to the processes that it starts.
    const runner = join(folder, `${name}.run.mjs`);
    writeFileSync(
      runner,
      `import { runTestFile } from ${JSON.stringify(MODULE)};
       console.log(JSON.stringify(await runTestFile(${JSON.stringify(file)}, { signal: ${signal} })));`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, [runner], { env, encoding: 'utf8' });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  }

  it('counts leaves: neither suites nor tests with subtests', () => {
    const result = run(
      'leaves',
      `describe('s', () => { it('a', () => {}); it.skip('b', () => {}); it.todo('c'); });
       test('parent', async (t) => { await t.test('child', () => {}); });
       describe('t', () => { it('d', () => {}); });`,
    );
    assert.deepEqual(result.counts, { passed: 3, failed: 0, skipped: 2 });
  });

  it('tells where a test failed, and counts it once however deep', () => {
    const result = run(
      'deep',
      "describe('s', () => { describe('t', () => { it('bad', () => assert.equal(1, 2)); }); });",
    );
    assert.deepEqual(result.counts, { passed: 0, failed: 1, skipped: 0 });
    assert.equal(result.failures[0]?.name, 'bad');
    assert.match(result.failures[0]?.location ?? '', /deep\.test\.mjs:2$/);
    assert.match(result.failures[0]?.detail ?? '', /1 !== 2/);
  });

  it('counts a failing hook', () => {
    const result = run(
      'hook',
      "describe('s', () => { it('a', () => {}); });\nimport { after } from 'node:test'; after(() => { throw new Error('in after'); });",
    );
    assert.equal(result.counts.failed, 1);
  });

  it('counts a file that crashes, one that exits with a status, and one with an error after its tests', () => {
    const crash = run('crash', "throw new Error('boom');");
    assert.equal(crash.counts.failed, 1);
    assert.match(crash.failures[0]?.detail ?? '', /boom/);
    assert.equal(
      run('status', "it('a', () => {}); process.on('exit', () => { process.exitCode = 3; });").counts.failed,
      1,
    );
    assert.equal(
      run('late', "it('a', () => { setTimeout(() => { throw new Error('late'); }, 20); });").counts.failed,
      1,
    );
  });

  it('counts a file without tests as failed', () => {
    assert.match(run('none', '').failures[0]?.detail ?? '', /contains no test/);
  });

  it('ends a file that hangs, and names the test that did', () => {
    const result = run(
      'hang',
      "it('hangs', () => new Promise(() => { setInterval(() => {}, 1000); }));",
      'AbortSignal.timeout(1500)',
    );
    assert.deepEqual(result.counts, { passed: 0, failed: 1, skipped: 0 });
    assert.match(result.failures[0]?.detail ?? '', /Unfinished: hangs/);
  });
});
