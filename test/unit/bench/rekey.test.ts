import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gapsOfJoin, gapsOfLeave } from '../../../bench/rekey/changes.ts';
import { Tally } from '../../../bench/rekey/tally.ts';
import { epochsToFill } from '../../../bench/rekey/tree.ts';

describe('the benchmark of changes of keys', () => {
  it('counts a gap only where somebody sends before another opens', () => {
    const change = { pathMs: [10, 30, 25] } as unknown as Parameters<typeof gapsOfLeave>[0];
    assert.deepEqual(gapsOfLeave(change), [20, 15, 0, 0, 0, 5]);
  });

  it('counts a gap after a join only where somebody opens more than a second after another', () => {
    const soon = { pathMs: [10, 30, 900], lastSendsMs: 960 } as unknown as Parameters<typeof gapsOfJoin>[0];
    assert.deepEqual(gapsOfJoin(soon), [0, 0, 0, 0, 0, 0]);
    const late = { pathMs: [10, 30, 1_500], lastSendsMs: 1_560 } as unknown as typeof soon;
    assert.deepEqual(gapsOfJoin(late), [0, 490, 0, 470, 0, 0]);
  });

  it('knows after how many epochs a tree is filled', () => {
    assert.equal(epochsToFill(0), 0);
    assert.equal(epochsToFill(3), 4);
    assert.equal(epochsToFill(33), 2 + 17 + 1);
  });

  it('waits until enough have come', async () => {
    const tally = new Tally('somebody');
    const seen: string[] = [];
    const two = tally.reached(7, 2).then(() => seen.push('two'));
    tally.add(7, 1);
    await Promise.resolve();
    assert.deepEqual(seen, []);
    tally.add(7, 2);
    await two;
    assert.deepEqual(tally.times(7), [1, 2]);
  });
});
