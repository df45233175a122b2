import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burstModel, lossShareOf, randomLoss } from '../../../../bench/load/impair/burst-loss.ts';
import { type Impairment, Lane } from '../../../../bench/load/impair/lane.ts';
import { lanesOf, lossAhead } from '../../../../bench/load/impair/lanes.ts';
import { seededRandom } from '../../../../bench/random.ts';

const SEED = 3;
const BYTES = 1_000;
const laneOf = (impairment: Impairment): Lane => new Lane(impairment, seededRandom(SEED));

/** When packets that come every `everyMs` leave; `undefined`: never. */
const leaving = (lane: Lane, packets: number, everyMs: number): (number | undefined)[] =>
  Array.from({ length: packets }, (_, i) => {
    const fate = lane.fateOf(BYTES, i * everyMs);
    return fate.kind === 'leaves' ? fate.atMs : undefined;
  });

test('a lane without impairment lets everything leave at once', () => {
  assert.deepEqual(leaving(laneOf({}), 3, 10), [0, 10, 20]);
});

test('a delay is the same for all', () => {
  assert.deepEqual(leaving(laneOf({ delayMs: 40 }), 3, 10), [40, 50, 60]);
});

test('jitter spreads packets and keeps their order', () => {
  const times = leaving(laneOf({ delayMs: 40, jitterMs: 30 }), 500, 5).map(Number);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  const extra = times.map((atMs, i) => atMs - 5 * i - 40);
  assert.ok(Math.min(...extra) >= 0 && Math.max(...extra) < 30);
  assert.ok(Math.max(...extra) - Math.min(...extra) > 20);
});

test('a reordered packet leaves late and holds up nobody', () => {
  const times = leaving(laneOf({ reorder: { share: 0.2, byMs: 25 } }), 1_000, 10).map(Number);
  const late = times.filter((atMs, i) => atMs === 10 * i + 25).length;
  const onTime = times.filter((atMs, i) => atMs === 10 * i).length;
  assert.equal(late + onTime, 1_000);
  assert.ok(Math.abs(late - 200) < 50, `${late}`);
});

test('a bottleneck sends at its rate, and drops what its queue cannot hold', () => {
  // A packet takes it 10 ms; two packets fit, the one on its way among them.
  const lane = laneOf({ bottleneck: { rateBps: 800_000, queueBytes: 2 * BYTES } });
  const times = leaving(lane, 4, 1);
  assert.deepEqual(times, [10, 20, undefined, undefined]);
  assert.deepEqual(lane.counts, { packets: 4, lost: 0, overflowed: 2, unheld: 0 });
  assert.deepEqual(lane.fateOf(BYTES, 50), { kind: 'leaves', atMs: 60 });
});

test('losses are those of its model under its seed, and counted', () => {
  const loss = burstModel({ lossShare: 0.2, meanBadPackets: 3 });
  const lane = laneOf({ loss });
  leaving(lane, 1_000, 1);
  const { packets, lost } = lane.counts;
  assert.equal(packets, 1_000);
  assert.equal(lost / packets, lossShareOf(loss, seededRandom(SEED), 1_000));
});

test('what is lost takes no place in the bottleneck', () => {
  const lane = laneOf({ loss: randomLoss(1), bottleneck: { rateBps: 800_000, queueBytes: BYTES } });
  leaving(lane, 3, 0);
  assert.deepEqual(lane.counts, { packets: 3, lost: 3, overflowed: 0, unheld: 0 });
});

test('the losses ahead of a way are known from its seed, and the other way does not change them', () => {
  const loss = burstModel({ lossShare: 0.05, meanBadPackets: 5 });
  const impairments = { up: { loss: randomLoss(0.5) }, down: { loss, delayMs: 40 } };
  const { up, down } = lanesOf(impairments, SEED);
  for (let i = 0; i < 2_000; i++) {
    if (i % 3 === 0) up.fateOf(BYTES, i);
    down.fateOf(BYTES, i);
  }
  assert.equal(down.counts.lost / 2_000, lossAhead(impairments, SEED, 'down', 2_000));
});

test('what is on its way when the path changes is not passed by what comes after', () => {
  const slow = lanesOf({ down: { delayMs: 100 } }, SEED);
  assert.deepEqual(leaving(slow.down, 2, 10), [100, 110]);
  const fast = lanesOf({}, SEED, slow);
  assert.deepEqual(fast.down.fateOf(BYTES, 20), { kind: 'leaves', atMs: 110 });
  assert.deepEqual(fast.down.fateOf(BYTES, 120), { kind: 'leaves', atMs: 120 });
  assert.deepEqual(fast.up.fateOf(BYTES, 20), { kind: 'leaves', atMs: 20 });
});
