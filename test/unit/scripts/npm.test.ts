import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameEntries } from '../../../scripts/lib/npm.mjs';

const WANTED = {
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b-for-mac': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};

describe('sameEntries', () => {
  it('accepts an installation without optional packages', () => {
    assert.equal(sameEntries(WANTED, { 'node_modules/a': WANTED['node_modules/a'] }), true);
    assert.equal(sameEntries(WANTED, WANTED), true);
  });

  it('refuses a missing, an older, an altered and a superfluous package', () => {
    const a = WANTED['node_modules/a'];
    assert.equal(sameEntries(WANTED, {}), false);
    assert.equal(sameEntries(WANTED, { 'node_modules/a': { ...a, version: '0.9.0' } }), false);
    assert.equal(sameEntries(WANTED, { 'node_modules/a': { ...a, integrity: 'sha512-x' } }), false);
    assert.equal(sameEntries(WANTED, { 'node_modules/a': a, 'node_modules/c': { version: '1.0.0' } }), false);
  });
});
