import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTS, type Counts, type Second } from '../../../../bench/load/crew/messages.ts';
import type { RunRecord } from '../../../../bench/load/run/run.ts';
import { readScenario } from '../../../../bench/load/scenario/files.ts';
import { planOf } from '../../../../bench/load/scenario/plan.ts';
import type { ServerSecond } from '../../../../bench/load/server/readings.ts';
import { assemble } from '../../../../bench/load/verdict/assemble.ts';

const added = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts;
const second = (nth: number, cpuSeconds: number): Second => ({
  second: nth,
  added,
  durations: {},
  cpuSeconds,
  present: 1,
});
const serverSecond = (nth: number): ServerSecond => ({
  second: nth,
  lastedSeconds: 1,
  relayCpuSeconds: 0.1,
  residentBytes: 1,
  workers: ['w1', 'w2'].map((worker) => ({
    worker,
    cpuSeconds: 0.15,
    sentPackets: 0,
    receivedPackets: 0,
    sentBytes: 0,
    drops: 0,
  })),
});
const crew = (cpuSeconds: number) => ({
  seconds: [second(0, cpuSeconds), second(1, cpuSeconds)],
  visits: [],
  streams: [],
  paths: [],
  refusedByCode: {},
  broken: undefined,
});
/** Two seconds of two cores. */
const RECORD: RunRecord = {
  crews: [crew(0.2), crew(0.3)],
  server: [serverSecond(0), serverSecond(1)],
  serverReadingsMissed: 0,
  lastedMs: 1_500,
  watchedMs: 2_000,
  wasInterrupted: false,
  machineCpuSeconds: 3,
  ownCpuSeconds: 0.2,
  stolenShare: 0,
};

const loadOf = (kind: 'own' | 'given', record: RunRecord) => {
  const scenario = readScenario('cabinet');
  assert.ok(scenario.ok);
  const plan = planOf(scenario.value, 1);
  assert.ok(plan.ok);
  return assemble({
    scenario: scenario.value,
    form: 'full',
    plan: plan.value,
    seed: 1,
    processes: 2,
    server: { kind, workers: 2, share: 1, readingsMissed: 0 },
    record,
    date: '2026-01-01T00:00:00.000Z',
  }).load;
};

test('what other programs took is what neither participants nor relay nor its media workers nor the run itself did', () => {
  const { othersCores, notes } = loadOf('own', RECORD);
  assert.ok(Math.abs((othersCores ?? 0) - (3 - 1 - 0.2 - 0.6 - 0.2) / 2) < 1e-9, `${othersCores}`);
  assert.match(notes.join(), /took 0\.50 of its \d+ cores/);
  assert.doesNotMatch(notes.join(), /host of this virtual machine/);
  assert.match(
    loadOf('own', { ...RECORD, stolenShare: 0.2 }).notes.join(),
    /Meanwhile the host .* 20 % of its cores/,
  );
  assert.equal(loadOf('own', { ...RECORD, machineCpuSeconds: 1.9 }).othersCores, 0, 'never less than none');
});

test('of a relay that was there before nobody knows where it runs, and nothing is said of others', () => {
  const { othersCores, notes } = loadOf('given', RECORD);
  assert.equal(othersCores, null);
  assert.doesNotMatch(notes.join(), /Other programs/);
});
