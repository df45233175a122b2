import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SetupFault } from '../../../scripts/lib/fault.mjs';
import { applyPatch, packagesPatched } from '../../../scripts/lib/patch.mjs';

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

it('the installed packages are patched', () => {
  assert.equal(packagesPatched(join(import.meta.dirname, '../../..')), true);
});
