import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { workerSourceDir } from '../../native/inputs.mjs';
import { mesonList, patchFiles, stageSources } from '../../native/sources.mjs';
import { PROJECT_DIR } from '../../scripts/lib/paths.mjs';

const WORKER_DIR = workerSourceDir(PROJECT_DIR);

interface Change {
  /** Below the worker's folder. */
  readonly file: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

interface Patch {
  readonly reason: string;
  readonly changes: readonly Change[];
}

function parseChange(diff: string): Change {
  const lines = diff.split('\n');
  const starting = (sign: string) =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)));
  return {
    file: /^--- a\/(.*)$/m.exec(diff)?.[1] ?? '',
    removed: starting('-').map((line) => line.slice(1)),
    added: starting('+').map((line) => line.slice(1)),
  };
}

function parsePatch(path: string): Patch {
  const [reason = '', ...diffs] = readFileSync(path, 'utf8').split(/^(?=--- a\/)/m);
  return { reason, changes: diffs.map(parseChange) };
}

for (const path of patchFiles(PROJECT_DIR)) {
  describe(basename(path), () => {
    const { reason, changes } = parsePatch(path);

    it('says why it exists and which test holds it', () => {
      assert.match(reason, /\n\n.+\n\nTest: test\/(native|e2e)\//s);
    });

    it('is still needed: what it changes is still in the npm package as it was', () => {
      const advice = `See whether upstream solved it; then remove ${basename(path)}, else renew it.`;
      assert.notEqual(changes.length, 0);
      for (const { file, removed, added } of changes) {
        const source = readFileSync(join(WORKER_DIR, file), 'utf8');
        for (const line of removed) {
          assert.ok(source.includes(line), `${file} no longer has "${line.trim()}". ${advice}`);
        }
        for (const line of added.filter((one) => one.trim().length > 20)) {
          assert.ok(!source.includes(line), `${file} already has "${line.trim()}". ${advice}`);
        }
      }
    });
  });
}

describe('the staged sources', () => {
  it('carry the patches, and the npm package stays as it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-stage-'));
    try {
      stageSources(PROJECT_DIR, join(folder, 'source'));
      for (const { file, added } of patchFiles(PROJECT_DIR).flatMap((path) => parsePatch(path).changes)) {
        const staged = readFileSync(join(folder, 'source', 'worker', file), 'utf8');
        assert.ok(added.every((line) => staged.includes(line)));
        assert.notEqual(staged, readFileSync(join(WORKER_DIR, file), 'utf8'));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('mesonList', () => {
  it('joins a list with the additions to it, and skips other lists', () => {
    const text = "a = [\n  'x.cpp',\n]\nif y\n  a += [\n    'z.cpp',\n  ]\nb = ['no.cpp']\n";
    assert.deepEqual(mesonList(text, 'a'), ['x.cpp', 'z.cpp']);
  });

  it('refuses a file without the list', () => {
    assert.throws(() => mesonList('', 'common_sources'), /no list named common_sources/);
  });
});
