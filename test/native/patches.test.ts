import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { workerSourceDir } from '../../native/inputs.mjs';
import { mesonList, patchFiles, stageSources } from '../../native/sources.mjs';
import { PROJECT_DIR } from '../../scripts/lib/paths.mjs';

const WORKER_DIR = workerSourceDir(PROJECT_DIR);

interface Patch {
  readonly reason: string;
  /** The file that it changes, below the worker's folder. */
  readonly file: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

function parsePatch(path: string): Patch {
  const text = readFileSync(path, 'utf8');
  const [reason = '', diff = ''] = text.split(/^(?=--- a\/)/m);
  const lines = diff.split('\n');
  const starting = (sign: string) =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)));
  return {
    reason,
    file: /^--- a\/(.*)$/m.exec(diff)?.[1] ?? '',
    removed: starting('-').map((line) => line.slice(1)),
    added: starting('+').map((line) => line.slice(1)),
  };
}

for (const path of patchFiles(PROJECT_DIR)) {
  describe(basename(path), () => {
    const patch = parsePatch(path);
    const source = readFileSync(join(WORKER_DIR, patch.file), 'utf8');

    it('says why it exists and which test holds it', () => {
      assert.match(patch.reason, /\n\n.+\n\nTest: test\/(native|e2e)\//s);
    });

    it('is still needed: what it changes is still in the npm package as it was', () => {
      const advice = `See whether upstream solved it; then remove ${basename(path)}, else renew it.`;
      for (const line of patch.removed) {
        assert.ok(source.includes(line), `${patch.file} no longer has "${line.trim()}". ${advice}`);
      }
      for (const line of patch.added.filter((one) => one.trim().length > 20)) {
        assert.ok(!source.includes(line), `${patch.file} already has "${line.trim()}". ${advice}`);
      }
    });
  });
}

describe('the staged sources', () => {
  it('carry the patches, and the npm package stays as it is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-stage-'));
    try {
      stageSources(PROJECT_DIR, join(folder, 'source'));
      for (const patch of patchFiles(PROJECT_DIR).map(parsePatch)) {
        const staged = readFileSync(join(folder, 'source', 'worker', patch.file), 'utf8');
        assert.ok(patch.added.every((line) => staged.includes(line)));
        assert.notEqual(staged, readFileSync(join(WORKER_DIR, patch.file), 'utf8'));
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
