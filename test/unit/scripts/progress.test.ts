import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAptLine, parseNinjaLine, progressLine } from '../../../scripts/lib/progress.mjs';

describe('progressLine', () => {
  it('tells what, how far, how long, and an estimate of the rest', () => {
    const line = progressLine({ what: 'media worker', done: 10, total: 40, elapsedMs: 30_000 });
    assert.equal(line, 'media worker: 10 of 40, 25 %, 30 s, about 90 s left');
  });

  it('estimates nothing from next to nothing, nor at the end', () => {
    assert.equal(progressLine({ what: 'x', done: 1, total: 100, elapsedMs: 3000 }), 'x: 1 of 100, 1 %, 3 s');
    assert.equal(progressLine({ what: 'x', done: 4, total: 4, elapsedMs: 3000 }), 'x: 4 of 4, 100 %, 3 s');
  });

  it('tells the time alone where no share is known', () => {
    assert.equal(progressLine({ what: 'x', elapsedMs: 12_400 }), 'x: 12 s');
    assert.equal(progressLine({ what: 'x', done: 0, total: 0, elapsedMs: 0 }), 'x: 0 s');
  });
});

describe('parseNinjaLine', () => {
  it('reads the counter', () => {
    assert.deepEqual(parseNinjaLine('[12/57] Building CXX object a.o'), { done: 12, total: 57 });
  });

  it('ignores what is no counter', () => {
    for (const line of ['ninja: Entering directory', 'x [1/2]', '[1/] y', ''])
      assert.equal(parseNinjaLine(line), null);
  });
});

describe('parseAptLine', () => {
  it('takes downloading and installing as one half each', () => {
    assert.equal(parseAptLine('dlstatus:1:50.0000:Retrieving file 1 of 4')?.percent, 25);
    assert.equal(parseAptLine('pmstatus:cmake:50.0000:Installing cmake (amd64)')?.percent, 75);
  });

  it('ignores other lines', () => {
    assert.equal(parseAptLine('pmerror:/var/cache/x.deb:0:broken'), null);
    assert.equal(parseAptLine('Reading package lists...'), null);
  });
});
