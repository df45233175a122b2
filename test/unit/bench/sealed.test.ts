import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Freezes } from '../../../bench/browser/pairs.ts';
import { LOSSES, type Round } from '../../../bench/browser/rounds.ts';
import { seededRandom } from '../../../bench/random.ts';
import { rowsOf } from '../../../bench/rows.ts';
import { pictureOf } from '../../../bench/sealed/picture.ts';
import { notesOf, outcomeOf, seriesOf } from '../../../bench/sealed/results.ts';
import { sampleFreezes, sampleRound } from './browser/sample-run.ts';

const resent = (count: number): Round => {
  const round = sampleRound(1);
  return { ...round, lossy: { ...round.lossy, resent: count, nacks: count / 2 } };
};

/** Pairs by what came again in their sealed and their unsealed round, of 100 packets lost. */
const pairsOf = (...counts: readonly (readonly [number, number])[]): Freezes => ({
  ...sampleFreezes(),
  pairs: counts.map(([sealed, unsealed]) => ({ sealed: resent(sealed), unsealed: resent(unsealed) })),
});
const outcome = (freezes: Freezes) => outcomeOf(freezes, seededRandom(1));
const notes = (freezes: Freezes): string => notesOf(outcome(freezes)).join('\n');

test('arms whose differences go either way agree, and those that differ in every pair do not, either way', () => {
  assert.match(
    notes(pairsOf([90, 92], [94, 91], [90, 91], [93, 91], [92, 93])),
    /came again.*agree within noise/,
  );
  assert.match(notes(pairsOf([80, 92], [82, 91], [81, 91], [83, 91], [82, 93])), /came again.*they DIFFER/);
  assert.match(notes(pairsOf([92, 80], [91, 82], [91, 81], [91, 83], [93, 82])), /came again.*they DIFFER/);
  assert.match(notes(pairsOf([92, 80], [91, 82])), /came again.*too few pairs to tell/);
});

test('each path has rows of its own, in percent of what was lost, sealed against unsealed', () => {
  const mild = { ...pairsOf([90, 80]), losses: { ...LOSSES, share: 0.02 } };
  const rows = rowsOf([mild, pairsOf([50, 40])].flatMap((freezes) => seriesOf(outcome(freezes))));
  const of = (name: string) =>
    rows.find((row) => row.case === name && row.measure === 'packets that came again by packets lost');
  assert.deepEqual(
    [of('2 % lost: sealed')?.p50, of('2 % lost: sealed')?.against],
    [90, '2 % lost: unsealed'],
  );
  assert.deepEqual([of('5 % lost: sealed')?.p50, of('5 % lost: unsealed')?.p50], [50, 40]);
  const keys = rows.map((row) => `${row.case} ${row.measure}`);
  assert.equal(new Set(keys).size, keys.length);
});

test('the picture has a row for each path that gave a pair', () => {
  const drawn = pictureOf([outcome(pairsOf([90, 80], [80, 90])), outcome(pairsOf())]);
  assert.equal([...drawn.matchAll(/<circle /g)].length, 3 * 4);
  assert.match(drawn, /Came again of what was lost, 5 % lost/);
  assert.doesNotMatch(drawn, /NaN|Infinity|undefined/);
});
