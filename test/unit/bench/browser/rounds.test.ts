import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOSS_SHARE, LOSSY, seedNear } from '../../../../bench/browser/rounds.ts';
import { lossAhead } from '../../../../bench/load/impair/lanes.ts';
import { seededRandom } from '../../../../bench/random.ts';

test('a seed is near the share of losses at any likely end of its round, and found again', () => {
  const random = seededRandom(1);
  for (let i = 0; i < 3; i++) {
    const seed = seedNear(random, 20);
    for (const packets of [1_800, 2_000, 2_200]) {
      const share = lossAhead(LOSSY, seed, 'down', packets);
      assert.ok(Math.abs(share - LOSS_SHARE) < 0.005, `${share} of ${packets}`);
    }
  }
  assert.equal(seedNear(seededRandom(9), 5), seedNear(seededRandom(9), 5));
});
