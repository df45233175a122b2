import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { costOf, fullBucket, take } from '../../../../src/signaling/session/token-bucket.ts';

const RATE = { burst: 10, perSecond: 2 };

describe('token bucket', () => {
  it('gives the burst at once and nothing after it', () => {
    const empty = take(fullBucket(RATE, 0), RATE, 10, 0);
    assert.deepEqual(empty, { level: 0, atMs: 0 });
    assert.equal(empty && take(empty, RATE, 1, 0), undefined);
  });

  it('regains at its rate, up to the burst', () => {
    const empty = { level: 0, atMs: 1_000 };
    assert.equal(take(empty, RATE, 1, 1_499), undefined);
    assert.deepEqual(take(empty, RATE, 1, 1_500), { level: 0, atMs: 1_500 });
    assert.deepEqual(take(empty, RATE, 10, 1_000_000), { level: 0, atMs: 1_000_000 });
    assert.equal(take(empty, RATE, 11, 1_000_000), undefined);
  });

  it('gains nothing from a clock that goes back', () => {
    assert.equal(take({ level: 0, atMs: 5_000 }, RATE, 1, 0), undefined);
  });

  it('counts each started 4 KiB, and at least one', () => {
    assert.deepEqual([0, 1, 4_096, 4_097, 65_536].map(costOf), [1, 1, 1, 2, 16]);
  });
});
