import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costFault, costSeries } from '../../../../bench/browser/costs.ts';
import { joinNotes, joinSeries } from '../../../../bench/browser/joins.ts';
import { pictureOf } from '../../../../bench/browser/picture.ts';
import { rowsOf } from '../../../../bench/rows.ts';
import { sampleCosts, sampleFreezes, sampleJoins } from './sample-run.ts';

const SAMPLE = {
  costs: sampleCosts(),
  joins: sampleJoins,
  freezes: sampleFreezes([1, 2], [0, 3], [2, 2]),
};
const countOf = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

/** Fails where an element is not closed, or closed by another. */
const assertWellFormed = (text: string): void => {
  const open: string[] = [];
  for (const [, close, name = '', self] of text.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (close === '/') assert.equal(open.pop(), name);
    else if (self !== '/') open.push(name);
  }
  assert.deepEqual(open, []);
};

test('the picture shows every round and join, with axes, units and a legend', () => {
  const text = pictureOf(SAMPLE);
  assertWellFormed(text);
  // A dot per sample: three curves of five sizes, two joins at three moments, three pairs in three panels.
  assert.equal(countOf(text, /<circle /g), 15 + 6 + 18);
  // A bar per strip.
  assert.equal(countOf(text, /stroke-width="2\.5"/g), 3 + 6);
  for (const word of [
    'us',
    'ms',
    '%',
    '100 B',
    '100 KB',
    'sealed',
    'unsealed',
    'first decoded frame',
    'bar: the mean',
  ])
    assert.ok(text.includes(`>${word}</text>`), word);
  assert.doesNotMatch(text, /NaN|Infinity|undefined/);
});

test('a run that lost all its pairs still has a picture of the rest', () => {
  const text = pictureOf({ ...SAMPLE, freezes: sampleFreezes() });
  assertWellFormed(text);
  assert.equal(countOf(text, /<circle /g), 15 + 6);
});

test('costs are rows against the bare cipher, and noise between bare and itself is a fault', () => {
  const rows = rowsOf(costSeries(sampleCosts()));
  const seal = rows.find((row) => row.case === '5 KB seal');
  assert.deepEqual([seal?.against, seal?.ratio, seal?.unit], ['5 KB bare', 2, 'us']);
  assert.equal(costFault(sampleCosts(10.5)), undefined);
  assert.match(costFault(sampleCosts(12)) ?? '', /bare differed from itself .* at 100 B, 1 KB/);
});

test('joins are rows by moment, and their first frame a sentence', () => {
  const rows = rowsOf(joinSeries(sampleJoins));
  assert.deepEqual(
    rows.map((row) => [row.case, row.p50]),
    [
      ['in the meeting', 100],
      ['ICE and DTLS done', 200],
      ['first decoded frame', 250],
    ],
  );
  const [times, keys = ''] = joinNotes(sampleJoins);
  assert.equal(times, 'join to first decoded frame: p50 250 ms, p95 300 ms of 2 joins');
  assert.match(keys, /MLS, suite x25519/);
});
