import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Store } from '../../src/signaling/ports.ts';
import type { StoreFigures } from '../../src/signaling/store/inspect.ts';
import type { StoredMeeting } from '../../src/signaling/store/kept.ts';
import { FakeDisk, FakeStore } from './fake-store.ts';
import { ROOTS, type Step, take } from './store-plan.ts';

type Counts = Pick<StoreFigures, 'openMeetings' | 'endedMeetings' | 'entries' | 'oneTimes' | 'newestList'>;

/** Short, so that a difference can be read. */
const textOf = ({ id, charter, charterDigest, sealedTitle, createdUnixMs }: StoredMeeting): string => {
  const sum = createHash('sha256')
    .update(charter)
    .update(sealedTitle ?? 'none');
  return [id, charterDigest, createdUnixMs, charter.length, sum.digest('base64url')].join(' ');
};

/** What can be seen of a store after `steps` were taken, or begun. */
const viewOf = (store: Store, steps: readonly Step[], counts: Counts) => ({
  open: store.openMeetings().map(textOf),
  lists: ROOTS.map((root) => store.lastSeenList(root)),
  chains: [...new Set(steps.map((step) => (step.kind === 'append' ? step.id : undefined)))].map(
    (id) =>
      id &&
      createHash('sha256')
        .update(JSON.stringify(store.entriesAfter(id, 0, 1e9)))
        .digest('hex'),
  ),
  counts: [counts.openMeetings, counts.endedMeetings, counts.entries, counts.oneTimes, counts.newestList],
});

/** The same of the fake: what a store that lost nothing would hold. */
const expectedAfter = (taken: readonly Step[], steps: readonly Step[]) => {
  const disk = new FakeDisk();
  const model = new FakeStore(disk);
  for (const step of taken) take(model, step);
  const entries = [...disk.entries.values()].reduce((sum, { length }) => sum + length, 0);
  const [openMeetings, endedMeetings] = [disk.open.size, disk.ended.size];
  const newestList = Math.max(0, ...disk.seen.values().map(({ number }) => number));
  const counts = { openMeetings, endedMeetings, entries, oneTimes: disk.oneTimes.size, newestList };
  return viewOf(model, steps, counts);
};

const isSame = (one: unknown, other: unknown): boolean => {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
};

/** How many of `steps` the store holds, all before and none after: at least `acknowledged`, or it fails. */
export const stepsIn = (
  store: Store,
  counts: Counts,
  steps: readonly Step[],
  acknowledged: number,
): number => {
  const seen = viewOf(store, steps, counts);
  for (let count = acknowledged; count <= steps.length; count++)
    if (isSame(seen, expectedAfter(steps.slice(0, count), steps))) return count;
  assert.deepEqual(
    seen,
    expectedAfter(steps.slice(0, acknowledged), steps),
    'it is not what was acknowledged',
  );
  return acknowledged;
};
