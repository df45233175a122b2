import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTS, type Counts } from '../../../../bench/load/crew/messages.ts';
import { delaysOf, withFault } from '../../../../bench/load/http.ts';
import { Durations } from '../../../../bench/load/measure/histogram.ts';
import type { RunRecord } from '../../../../bench/load/run/run.ts';

const meetingWith = (changes: Partial<Counts>, joinMs: number | undefined = 100): RunRecord => {
  const added = { ...(Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts), ...changes };
  const second = { second: 0, added, durations: {}, cpuSeconds: 0, present: 1 };
  const visits = [{ index: 0, joinMs, firstFrameMs: undefined, tries: 1, codes: [] }];
  const crew = { seconds: [second], visits, streams: [], paths: [], refusedByCode: {}, broken: undefined };
  return {
    crews: [crew],
    server: [],
    serverReadingsMissed: 0,
    lastedMs: 1_000,
    watchedMs: 1_000,
    wasInterrupted: true,
    machineCpuSeconds: 1,
    ownCpuSeconds: 0,
    stolenShare: 0,
  };
};
const MEASURED = { rows: [], valid: true, why: null, notes: [] };

test('pages are measured beside a meeting that holds, or not at all', () => {
  assert.equal(withFault(MEASURED, meetingWith({})).valid, true);
  for (const [meeting, why] of [
    [meetingWith({ fellOut: 2 }), /2 people fell out/],
    [meetingWith({ rejoins: 1 }), /1 sessions/],
  ] as const) {
    const found = withFault(MEASURED, meeting);
    assert.equal(found.valid, false);
    assert.match(found.why ?? '', why);
  }
});

test('what the people of that meeting saw stands beside the pages, where anything was measured of it', () => {
  const delays = new Durations();
  for (const ms of [10, 20, 30]) delays.add(ms);
  const { crews, ...rest } = meetingWith({});
  const seconds = crews.flatMap((crew) => crew.seconds);
  const measured = seconds.map((one) => ({ ...one, durations: { 'one-way-audio': delays.encoded() } }));
  const record = { ...rest, crews: crews.map((crew) => ({ ...crew, seconds: measured })) };
  assert.deepEqual(
    delaysOf(record).map(({ case: name, measure, unit, n, p50 }) => [
      name,
      measure,
      unit,
      n,
      Math.round(p50),
    ]),
    [['the meeting', 'one-way delay of sound', 'ms', 3, 20]],
  );
  assert.deepEqual(delaysOf(meetingWith({})), []);
});
