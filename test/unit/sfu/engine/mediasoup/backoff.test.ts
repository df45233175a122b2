import assert from 'node:assert/strict';
import { it } from 'node:test';
import { respawnDelayMs } from '../../../../../src/sfu/engine/mediasoup/backoff.ts';

it('a first death is answered at once, repeated ones ever later, up to a bound', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map(respawnDelayMs);
  assert.deepEqual(delays, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});
