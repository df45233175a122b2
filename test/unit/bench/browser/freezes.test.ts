import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOf, freezeFaults, freezeNotes, freezeSeries } from '../../../../bench/browser/freezes.ts';
import type { Freezes } from '../../../../bench/browser/pairs.ts';
import { LOSSES } from '../../../../bench/browser/rounds.ts';
import { seededRandom } from '../../../../bench/random.ts';
import { rowsOf } from '../../../../bench/rows.ts';
import { sampleFreezes, sampleRound } from './sample-run.ts';

const notesOf = (freezes: Freezes): string =>
  freezeNotes(freezes, differencesOf(freezes, seededRandom(1))).join('\n');

const inPairs = (...rounds: readonly Freezes['pairs'][number]['sealed'][]): Freezes => ({
  losses: LOSSES,
  pairs: rounds.map((sealed) => ({ sealed, unsealed: sampleRound(2) })),
  lost: [],
  repeated: 0,
  missing: 0,
});

test('sealed is measurably worse where it freezes more in every pair, and not where it sometimes does', () => {
  const worse = sampleFreezes([5, 2], [4, 1], [6, 2], [5, 1], [4, 2]);
  assert.match(notesOf(worse), /freezeCount.*difference 3\.20.*worse: YES/);
  const alike = sampleFreezes([5, 2], [1, 4], [6, 2], [1, 3], [4, 2]);
  assert.match(notesOf(alike), /freezeCount.*worse: no/);
  const better = sampleFreezes([1, 4], [1, 5], [2, 6], [1, 3], [1, 4]);
  assert.match(notesOf(better), /freezeCount.*worse: no/);
});

test('a handful of pairs is no ground to judge on', () => {
  assert.match(notesOf(sampleFreezes([5, 2], [4, 1])), /freezeCount.*worse: too few pairs to tell/);
});

test('each measure has a row for both, and what is judged their difference too', () => {
  const freezes = sampleFreezes([5, 2], [4, 1], [6, 2]);
  const rows = rowsOf(freezeSeries(freezes, differencesOf(freezes, seededRandom(1))));
  const of = (name: string) =>
    rows.find((row) => row.measure === 'freezeCount in a round' && row.case === name);
  assert.deepEqual([of('sealed')?.p50, of('sealed')?.against, of('sealed')?.ratio], [5, 'unsealed', 2.5]);
  assert.deepEqual([of('unsealed')?.p50, of('unsealed')?.against], [2, null]);
  assert.equal(of('sealed minus unsealed')?.p50, 3);
  assert.ok(of('mean of sealed minus unsealed, resampled'));
  const keys = rows.map((row) => `${row.case} ${row.measure}`);
  assert.equal(new Set(keys).size, keys.length);
});

test('a run without fault has none', () => {
  assert.deepEqual(freezeFaults(sampleFreezes([1, 2], [0, 0])), []);
});

const faults: readonly (readonly [string, Freezes, RegExp])[] = [
  [
    'a pair that broke off',
    { ...sampleFreezes(), lost: ['the page closed'] },
    /a pair of rounds broke off: the page closed/,
  ],
  ['too much loss', inPairs(sampleRound(1, { lost: 120 })), /^sealed met 6\.00 % of loss instead of 5 %$/],
  ['too little loss', inPairs(sampleRound(1, { lost: 80 })), /^sealed met 4\.00 %/],
  [
    'a slow machine',
    { ...sampleFreezes([1, 1]), missing: 3 },
    /^3 pairs were not played: the machine was too slow/,
  ],
  [
    'a source that was stopped',
    inPairs(sampleRound(1, { problems: ['media.seen-in-clear'] })),
    /^media\.seen/,
  ],
];
for (const [what, freezes, message] of faults)
  test(`${what} spoils the run`, () => {
    const found = freezeFaults(freezes);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', message);
  });

test('pairs that were played anew are told, and spoil nothing', () => {
  const freezes = { ...sampleFreezes([1, 1]), repeated: 2 };
  assert.deepEqual(freezeFaults(freezes), []);
  assert.match(notesOf(freezes), /2 pairs were played anew/);
});

test('frames that the receivers refused are told', () => {
  const freezes = inPairs(
    sampleRound(1, { refusedFrames: { 'frame.replayed': 2 } }),
    sampleRound(1, { refusedFrames: { 'frame.replayed': 1 } }),
  );
  assert.match(notesOf(freezes), /frames refused by the receivers: 3 frame\.replayed/);
});
