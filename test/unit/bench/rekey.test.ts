import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apart } from '../../../bench/rekey/apart.ts';
import { type Change, gapsOfJoin, gapsOfLeave } from '../../../bench/rekey/changes.ts';
import { notesOf } from '../../../bench/rekey/results.ts';
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

  it('judges the aim by the last member that sends', () => {
    const change = { pathMs: [10, 20], lastSendsMs: 160 } as unknown as Change;
    const leaves = Array.from({ length: 8 }, () => change);
    const one = { suite: 'x-wing' as const, size: 50, real: 11, leaves, joins: [], retries: 0, problems: [] };
    const [note] = notesOf([one], []);
    assert.match(note ?? '', /last sampled member sends: p99 160 ms, the longest of 8, aim 150 ms, missed$/);
  });

  it('says why a case failed in the process of its own', async () => {
    const order = { kind: 'changes', suite: 'x25519', size: 0, count: 0, seed: 1 } as const;
    await assert.rejects(apart(order), /^BelfryError: an authority without people/);
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
