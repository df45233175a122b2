import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharesOf, usualProcesses } from '../../../../bench/load/run/shares.ts';
import type { Visit } from '../../../../bench/load/scenario/plan.ts';

const VISIT: Visit = {
  index: 0,
  person: 0,
  group: 'any',
  weight: 'light',
  meeting: 0,
  joinAtMs: 0,
  leaveAtMs: 1,
  sends: { cameraLayers: 0, microphone: 'off' },
  viewsLayer: 0,
  isReturn: false,
};
const watching = (count: number): Visit[] => Array.from({ length: count }, () => VISIT);
const sending = (count: number): Visit[] =>
  watching(count).map((visit) => ({ ...visit, sends: { cameraLayers: 1, microphone: 'off' } }));
const full = (count: number): Visit[] => watching(count).map((visit) => ({ ...visit, weight: 'full' }));

test('there is a process for each core, and one more only where some merely watch', () => {
  assert.equal(usualProcesses([...full(1), ...watching(40)], 2), 3);
  // Whoever sends is measured as well: nobody here has a process apart.
  assert.equal(usualProcesses([...full(3), ...sending(22)], 2), 2);
  assert.equal(usualProcesses(watching(9), 2), 2);
  assert.equal(usualProcesses(full(1), 2), 1);
});

test('those who send or see all have processes of their own where others merely watch', () => {
  const sizes = (visits: Visit[], processes: number) =>
    sharesOf(visits, processes).map(({ length }) => length);
  assert.deepEqual(sizes([...full(2), ...watching(40)], 3), [2, 20, 20]);
  assert.deepEqual(sizes([...full(3), ...sending(22)], 2), [13, 12]);
});
