import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SetupFault } from '../../../scripts/lib/fault.mjs';
import { applyPatch, packagesPatched, patchPackages } from '../../../scripts/lib/patch.mjs';

const PATCH = {
  package: 'some-package',
  version: '1.0.0',
  file: 'index.js',
  replacements: [
    { from: 'a && b', to: 'a || b' },
    { from: 'c($&)', to: 'd($&)' },
  ],
};
const PUBLISHED = 'if (a && b) c($&);';
const PATCHED = 'if (a || b) d($&);';

const faultOf = (text: string, version: string): SetupFault => {
  try {
    applyPatch(text, PATCH, version);
  } catch (error) {
    if (error instanceof SetupFault) return error;
  }
  throw new Error('it was applied');
};

describe('applyPatch', () => {
  it('replaces text as it stands, once and for all', () => {
    assert.equal(applyPatch(PUBLISHED, PATCH, '1.0.0'), PATCHED);
    assert.equal(applyPatch(PATCHED, PATCH, '1.0.0'), PATCHED);
  });

  it('refuses another version, text that is not there, and text that is there twice', () => {
    for (const fault of [
      faultOf(PUBLISHED, '1.0.1'),
      faultOf('if (a && b) e();', '1.0.0'),
      faultOf(PUBLISHED + PUBLISHED, '1.0.0'),
    ]) {
      assert.match(fault.report(), /some-package 1\.0\.0 does not apply[\s\S]*To do: +Remove node_modules/);
    }
  });
});

describe('patchPackages', () => {
  const OLDER = 'if (a ?? b) d($&);';
  let project: string;
  let reinstalled: string[];

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'belfry-patch-'));
    reinstalled = [];
  });
  afterEach(() => rmSync(project, { recursive: true }));

  const fileOf = () => join(project, 'node_modules', PATCH.package, PATCH.file);
  const install = (text: string, version = PATCH.version) => {
    mkdirSync(join(project, 'node_modules', PATCH.package), { recursive: true });
    writeFileSync(join(project, 'node_modules', PATCH.package, 'package.json'), JSON.stringify({ version }));
    writeFileSync(fileOf(), text);
  };
  const patch = (published = PUBLISHED) =>
    patchPackages(
      project,
      async (names) => {
        reinstalled.push(...names);
        install(published);
      },
      [PATCH],
    );

  it('installs anew what an older patch changed, once, and patches that', async () => {
    install(OLDER);
    await patch();
    assert.deepEqual(reinstalled, [PATCH.package]);
    assert.equal(readFileSync(fileOf(), 'utf8'), PATCHED);
  });

  it('leaves alone what is as published, or patched already', async () => {
    for (const text of [PUBLISHED, PATCHED]) {
      install(text);
      await patch();
      assert.equal(readFileSync(fileOf(), 'utf8'), PATCHED);
    }
    assert.deepEqual(reinstalled, []);
  });

  it('says so where the patch is for another version, or for nothing that is published', async () => {
    install(PUBLISHED, '1.0.1');
    await assert.rejects(patch(), SetupFault);
    assert.deepEqual(reinstalled, []);
    install(OLDER);
    await assert.rejects(patch('if (e) f();'), SetupFault);
    assert.deepEqual(reinstalled, [PATCH.package]);
  });
});

it('the installed packages are patched', () => {
  assert.equal(packagesPatched(join(import.meta.dirname, '../../..')), true);
});
