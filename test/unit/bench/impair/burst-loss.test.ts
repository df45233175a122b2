import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BurstLoss, burstModel, lossShareOf, randomLoss } from '../../../../bench/load/impair/burst-loss.ts';
import { seededRandom } from '../../../../bench/random.ts';

const SEED = 7;
const PACKETS = 200_000;

const fatesOf = (model: Parameters<typeof lossShareOf>[0], packets: number, seed = SEED): boolean[] => {
  const loss = new BurstLoss(model, seededRandom(seed));
  return Array.from({ length: packets }, () => loss.next());
};

/** Lengths of the runs of `true`. */
const burstsOf = (fates: readonly boolean[]): number[] =>
  fates
    .map((lost) => (lost ? 'x' : ' '))
    .join('')
    .split(/ +/)
    .map((run) => run.length)
    .filter((length) => length > 0);

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

test('a shape gives the chances of the two states', () => {
  const model = burstModel({ lossShare: 0.05, meanBadPackets: 4 });
  assert.equal(model.badToGood, 0.25);
  assert.equal(model.lossInBad, 1);
  const badShare = model.goodToBad / (model.goodToBad + model.badToGood);
  assert.ok(Math.abs(badShare - 0.05) < 1e-12);
});

test('bursts have the share and the mean length that were asked for', () => {
  const fates = fatesOf(burstModel({ lossShare: 0.05, meanBadPackets: 5 }), PACKETS);
  const share = fates.filter(Boolean).length / PACKETS;
  assert.ok(Math.abs(share - 0.05) < 0.003, `${share}`);
  const length = meanOf(burstsOf(fates));
  assert.ok(Math.abs(length - 5) < 0.3, `${length}`);
});

test('a bad state that loses half has twice the packets for the same share', () => {
  const model = burstModel({ lossShare: 0.05, meanBadPackets: 10, lossInBad: 0.5 });
  const share = lossShareOf(model, seededRandom(SEED), PACKETS);
  assert.ok(Math.abs(share - 0.05) < 0.004, `${share}`);
});

test('random loss has no memory', () => {
  const fates = fatesOf(randomLoss(0.2), PACKETS);
  const afterLoss = fates.filter((_, i) => fates[i - 1] === true);
  const share = afterLoss.filter(Boolean).length / afterLoss.length;
  assert.ok(Math.abs(share - 0.2) < 0.01, `${share}`);
});

test('a seed repeats itself, packet by packet', () => {
  const model = burstModel({ lossShare: 0.3, meanBadPackets: 2 });
  assert.deepEqual(fatesOf(model, 40), fatesOf(model, 40));
  assert.notDeepEqual(fatesOf(model, 40), fatesOf(model, 40, SEED + 1));
  const exact = fatesOf(model, 40).map((lost) => (lost ? 'x' : '.'));
  assert.equal(exact.join(''), 'xxx....x...x..xxxxx..x....xx.....xxxxxxx');
});

test('nothing is lost without loss, and everything with nothing else', () => {
  assert.equal(lossShareOf(randomLoss(0), seededRandom(SEED), 1_000), 0);
  assert.equal(lossShareOf(randomLoss(1), seededRandom(SEED), 1_000), 1);
});
