import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedSender } from '../../../../bench/load/crew/messages.ts';
import { neverHeardMs } from '../../../../bench/load/crew/never-heard.ts';

const sender = (index: number, changes: Partial<PlannedSender> = {}): PlannedSender => ({
  index,
  meeting: 0,
  video: true,
  always: true,
  leaveAtMs: 60_000,
  ...changes,
});
const waitsOf = (senders: readonly PlannedSender[], heard: readonly number[] = [], untilMs = 60_000) =>
  neverHeardMs({
    visit: { index: 0, meeting: 0, joinAtMs: 1_000 },
    heard: new Set(heard),
    plannedMs: [1_000, 10_000, 20_000, 500],
    senders,
    untilMs,
  });

test('who came and was never heard counts with the wait for them', () => {
  assert.deepEqual(waitsOf([sender(0), sender(1), sender(2), sender(3)], [2]), [50_000]);
  assert.deepEqual(waitsOf([sender(1, { leaveAtMs: 18_000 })]), [8_000]);
  assert.deepEqual(waitsOf([sender(1)], [], 16_000), [6_000]);
});

test('who had no time, need not speak, or is elsewhere is missed by nobody', () => {
  assert.deepEqual(waitsOf([sender(1, { leaveAtMs: 14_000 })]), []);
  assert.deepEqual(waitsOf([sender(1, { always: false })]), []);
  assert.deepEqual(waitsOf([sender(1, { meeting: 1 })]), []);
});
