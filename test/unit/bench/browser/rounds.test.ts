import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooSlow, LOSSES, lossy, seedNear } from '../../../../bench/browser/rounds.ts';
import { lossAhead } from '../../../../bench/load/impair/lanes.ts';
import { seededRandom } from '../../../../bench/random.ts';
import { sampleRound } from './sample-run.ts';

test('a seed is near the share of losses at any likely end of its round, and found again', () => {
  const random = seededRandom(1);
  for (let i = 0; i < 3; i++) {
    const seed = seedNear(random, 20);
    for (const packets of [1_800, 2_000, 2_200]) {
      const share = lossAhead(lossy(LOSSES), seed, 'down', packets);
      assert.ok(Math.abs(share - LOSSES.share) < 0.005, `${share} of ${packets}`);
    }
  }
  assert.equal(seedNear(seededRandom(9), 5), seedNear(seededRandom(9), 5));
});

test('a receiver that misses pictures before any loss is too slow to tell anything', () => {
  const { clean } = sampleRound(0);
  assert.equal(isTooSlow(clean), false);
  assert.equal(isTooSlow({ ...clean, framesDecoded: 35 }), true);
  assert.equal(isTooSlow({ ...clean, freezes: 1 }), true);
});
