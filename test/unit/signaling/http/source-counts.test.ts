import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SourceCounts } from '../../../../src/signaling/http/source-counts.ts';

describe('what one address has of all', () => {
  it('is half at most, and less again once something of it is gone', () => {
    const counts = new SourceCounts();
    const takeOff = counts.add('10.0.0.1');
    assert.equal(counts.hasShare('10.0.0.1', 4), false);
    counts.add('10.0.0.1');
    assert.equal(counts.hasShare('10.0.0.1', 4), true);
    assert.equal(counts.hasShare('10.0.0.2', 4), false);
    takeOff();
    assert.equal(counts.hasShare('10.0.0.1', 4), false);
  });

  it('is that of a host, whichever of its IPv6 addresses it comes from', () => {
    const counts = new SourceCounts();
    counts.add('fd00::1');
    counts.add('fd00::2');
    assert.equal(counts.hasShare('fd00::3', 4), true);
    assert.equal(counts.hasShare('fd00:0:0:1::1', 4), false);
  });

  it('is one at least', () => {
    const counts = new SourceCounts();
    assert.equal(counts.hasShare('10.0.0.1', 1), false);
    counts.add('10.0.0.1');
    assert.equal(counts.hasShare('10.0.0.1', 1), true);
  });
});
