import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asId, type ParticipantId } from '../../../../src/base/ids.ts';
import { Budget } from '../../../../src/signaling/group/budget.ts';
import {
  LOOSE_MS,
  MAX_ARRIVING_BYTES,
  MAX_BLOB_BYTES,
  MAX_MEETING_BYTES,
  MAX_OWN_BLOBS,
  MAX_OWN_BYTES,
} from '../../../../src/signaling/group/limits.ts';
import { Shelf } from '../../../../src/signaling/group/shelf.ts';

const [a, b] = [asId<ParticipantId>('a'), asId<ParticipantId>('b')];
const MIB = 1 << 20;
/** Nobody looks into blobs: one array stands for all of its size. */
const large = new Uint8Array(MAX_BLOB_BYTES);
const small = new Uint8Array(1);

const shelfOf = (allBytes = Number.POSITIVE_INFINITY) => {
  const budget = new Budget(allBytes);
  return { budget, shelf: new Shelf(budget) };
};

describe('a meeting’s shelf', () => {
  it('keeps what is named for as long as it is, and the rest for a while', () => {
    const { shelf, budget } = shelfOf();
    for (const hash of ['named', 'loose']) shelf.put(a, hash, small, 0);
    shelf.retain(new Set(['named']), LOOSE_MS - 1);
    assert.ok(shelf.has({ hash: 'loose', bytes: 1 }));
    shelf.retain(new Set(['named']), LOOSE_MS);
    assert.equal(shelf.get('loose'), undefined);
    assert.equal(shelf.get('named'), small);
    shelf.retain(new Set(), LOOSE_MS);
    assert.deepEqual([shelf.get('named'), budget.usedBytes], [undefined, 0]);
  });

  it('begins anew to count the time of what is brought again', () => {
    const { shelf, budget } = shelfOf();
    shelf.put(a, 'twice', small, 0);
    assert.equal(shelf.put(a, 'twice', small, 1_000), true);
    assert.equal(budget.usedBytes, 1);
    shelf.retain(new Set(), LOOSE_MS);
    assert.ok(shelf.get('twice'));
  });

  it('lets one participant push out its own loose blobs, never named ones, and no others’', () => {
    const { shelf } = shelfOf();
    shelf.put(b, 'of b', small, 0);
    shelf.put(a, 'named', large, 0);
    shelf.put(a, 'oldest', large, 0);
    shelf.retain(new Set(['named']), 0);
    for (let i = 2; i <= MAX_OWN_BYTES / MAX_BLOB_BYTES; i++)
      assert.equal(shelf.put(a, `more-${i}`, large, i), true);
    assert.deepEqual([shelf.get('oldest'), shelf.get('named'), shelf.get('of b')], [undefined, large, small]);
    shelf.retain(new Set(['named', 'more-2', 'more-3', 'more-4', 'more-5', 'more-6']), 9);
    assert.equal(shelf.put(a, 'too much', large, 9), false);
    assert.equal(shelf.put(b, 'too much', large, 9), true);
  });

  it('counts blobs as well as bytes', () => {
    const { shelf } = shelfOf();
    for (let i = 0; i <= MAX_OWN_BLOBS; i++) shelf.put(a, `blob-${i}`, small, i);
    assert.deepEqual([shelf.get('blob-0'), shelf.get('blob-1')], [undefined, small]);
  });

  it('holds no more than a meeting may, and all together no more than the process may', () => {
    const { shelf } = shelfOf();
    const put = (i: number) => shelf.put(asId<ParticipantId>(`p${i}`), `blob-${i}`, large, 0);
    const fit = MAX_MEETING_BYTES / MAX_BLOB_BYTES;
    for (let i = 0; i < fit; i++) assert.equal(put(i), true);
    assert.equal(put(fit), false);
    shelf.leave(asId<ParticipantId>('p0'));
    assert.equal(put(fit), true);
    const tight = shelfOf(5 * MIB);
    assert.equal(tight.shelf.put(a, 'one', large, 0), true);
    assert.equal(new Shelf(tight.budget).put(a, 'other', large, 0), false);
    tight.shelf.clear();
    assert.equal(tight.budget.usedBytes, 0);
  });

  it('counts what is on its way, and gives it back', () => {
    const { shelf, budget } = shelfOf(3 * MAX_BLOB_BYTES);
    assert.equal(shelf.arrives(a, MAX_ARRIVING_BYTES), true);
    assert.equal(shelf.arrives(a, 1), false);
    assert.equal(shelf.arrives(b, MAX_BLOB_BYTES), true);
    assert.equal(shelf.arrives(b, 1), false, 'nor more than all may');
    shelf.arrived(a, MAX_ARRIVING_BYTES);
    shelf.arrived(b, MAX_BLOB_BYTES);
    assert.equal(budget.usedBytes, 0);
  });

  it('forgets what somebody brought who is gone, but not what is named', () => {
    const { shelf } = shelfOf();
    for (const hash of ['named', 'loose']) shelf.put(a, hash, small, 0);
    shelf.retain(new Set(['named']), 0);
    shelf.leave(a);
    assert.deepEqual([shelf.get('named'), shelf.get('loose')], [small, undefined]);
  });
});
