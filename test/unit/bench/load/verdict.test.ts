import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COUNTS,
  type Counts,
  type Measure,
  type Second,
  type StreamRecord,
} from '../../../../bench/load/crew/messages.ts';
import { Durations } from '../../../../bench/load/measure/histogram.ts';
import type { CrewRecord } from '../../../../bench/load/run/crews.ts';
import type { RunRecord } from '../../../../bench/load/run/run.ts';
import { readScenario, shippedNames } from '../../../../bench/load/scenario/files.ts';
import { figuresOf, type Judged, judged } from '../../../../bench/load/verdict/figures.ts';
import { checksOf, invalidReasons, ownFreezes } from '../../../../bench/load/verdict/generator.ts';
import { mergeSeconds } from '../../../../bench/load/verdict/merged.ts';

const VISITS = 4;

const counts = (changes: Partial<Counts> = {}): Counts => ({
  ...(Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts),
  ...changes,
});

const encoded = (...ms: readonly number[]): string => {
  const durations = new Durations();
  for (const one of ms) durations.add(one);
  return durations.encoded();
};

const second = (changes: Partial<Second> = {}): Second => ({
  second: 0,
  added: counts({ began: VISITS, framesDue: 100, framesSent: 100, videoPackets: 1_000 }),
  durations: { 'loop-late': encoded(1, 2), 'sent-late': encoded(1), 'began-late': encoded(1) },
  cpuSeconds: 0.2,
  present: 4,
  ...changes,
});

const crew = (seconds: readonly Second[], changes: Partial<CrewRecord> = {}): CrewRecord => ({
  seconds,
  visits: [],
  streams: [],
  paths: [],
  refusedByCode: {},
  broken: undefined,
  ...changes,
});

const record = (crews: readonly CrewRecord[], changes: Partial<RunRecord> = {}): RunRecord => ({
  crews,
  server: [],
  serverReadingsMissed: 0,
  lastedMs: 1_000,
  watchedMs: 1_000,
  wasInterrupted: false,
  machineCpuSeconds: 1,
  ownCpuSeconds: 0,
  stolenShare: 0,
  ...changes,
});

type Figure = Judged['criterion']['figure'];
const judgedAs = (figure: Figure, passed: boolean): Judged => ({
  criterion: { figure, at: 'total', most: 0 },
  value: 0,
  passed,
});
const reasonsOf = (run: RunRecord, criteria = [judgedAs('frames-refused', true)]): string[] =>
  invalidReasons(run, checksOf(run, VISITS, criteria));
const idle = second({ second: 1, added: counts() });

test('a generator in time is valid', () => {
  assert.deepEqual(reasonsOf(record([crew([second(), idle])])), []);
});

const late = (measure: Measure) => second({ durations: { [measure]: encoded(...Array(50).fill(1), 80) } });
test('a hundredth that comes 51 ms late is too late, and one of 49 ms is not', () => {
  for (const measure of ['began-late', 'sent-late', 'loop-late'] as const) {
    const by = (ms: number) => record([crew([second({ durations: { [measure]: encoded(1, ms) } }), idle])]);
    assert.deepEqual([reasonsOf(by(49)).length, reasonsOf(by(51)).length], [0, 1], measure);
  }
});

const slow: readonly (readonly [string, RunRecord, RegExp])[] = [
  ['people sent in late', record([crew([late('began-late'), idle])]), /people sent in late/],
  ['frames that left late', record([crew([late('sent-late'), idle])]), /frames left late/],
  ['timers that ran late', record([crew([late('loop-late'), idle])]), /timers ran late/],
  [
    'frames that were due and never left',
    record([crew([second({ added: counts({ began: VISITS, framesDue: 100, framesSent: 98 }) }), idle])]),
    /frames not sent: 2 %/,
  ],
  [
    'packets that nobody took from the socket',
    record([crew([second({ added: counts({ began: VISITS, drops: 2, videoPackets: 998 }) }), idle])]),
    /packets dropped in front of the generator: 0.2 %/,
  ],
  [
    'frames that came before a key which it had late',
    record([
      crew([
        second({
          added: counts({ began: VISITS, framesOpened: 998, framesRefused: 2, framesOwnLate: 2 }),
        }),
        idle,
      ]),
    ]),
    /frames whose key it had late: 0.2 %/,
  ],
  [
    'a core without room, second after second',
    record([crew([second({ cpuSeconds: 1 }), second({ added: counts(), cpuSeconds: 1 }), idle])]),
    /seconds without a free core: 100 %/,
  ],
  [
    'people who were never sent in',
    record([crew([second({ added: counts({ began: 3 }) }), idle])]),
    /people not sent in: 25 %/,
  ],
  [
    'an end before its time',
    record([crew([second(), idle])], { wasInterrupted: true }),
    /ended before its time/,
  ],
  ['a process that broke', record([crew([second(), idle], { broken: 'it broke' })]), /it broke/],
];
for (const [what, run, reason] of slow)
  test(`${what}: the run is invalid, and says so`, () => {
    const reasons = reasonsOf(run);
    assert.equal(reasons.length, 1, reasons.join('; '));
    assert.match(reasons[0] ?? '', reason);
  });

test('frames that were not for somebody, or came before a key which the generator had late, are not held against the relay', () => {
  const added = counts({ framesOpened: 100_000, framesRefused: 9, framesBefore: 4, framesOwnLate: 3 });
  const run = record([crew([second({ added }), idle])]);
  assert.equal(figuresOf(run)['frames-refused'].total, 2);
});

test('what a virtual machine’s host took away is said beside what it led to, and makes no run invalid by itself', () => {
  const slow = record([crew([late('loop-late'), idle])], { stolenShare: 0.12 });
  assert.match(
    reasonsOf(slow).at(-1) ?? '',
    /^the host of this virtual machine took 12 % of its cores away$/,
  );
  assert.equal(reasonsOf({ ...slow, stolenShare: 0.01 }).length, 1);
  assert.deepEqual(reasonsOf(record([crew([second(), idle])], { stolenShare: 0.12 })), []);
});

test('where most of what did not open is the relay’s, what the generator had late makes no run invalid', () => {
  const refused = (framesRefused: number) =>
    counts({ began: VISITS, framesOpened: 900, framesRefused, framesBefore: 10, framesOwnLate: 30 });
  const reasons = (framesRefused: number) =>
    reasonsOf(record([crew([second({ added: refused(framesRefused) }), idle])]));
  assert.equal(reasons(69).length, 1);
  assert.deepEqual(reasons(70), []);
});

test('frames whose key the generator had late make a run invalid where a criterion rests on them, and nowhere else', () => {
  const added = counts({ began: VISITS, framesOpened: 900, framesRefused: 100, framesOwnLate: 100 });
  const run = record([crew([second({ added }), idle])]);
  const reasons = (figure: Figure, passed: boolean) => reasonsOf(run, [judgedAs(figure, passed)]).length;
  assert.deepEqual([reasons('frames-refused', true), reasons('frames-refused', false)], [1, 1]);
  assert.deepEqual([reasons('newcomer-heard-ms', true), reasons('newcomer-heard-ms', false)], [0, 1]);
  assert.deepEqual([reasons('join-ms', true), reasons('join-ms', false)], [0, 0]);
});

test('a bad path that could not hold all its packets was worse than it was set to be', () => {
  const lane = (unheld: number) => ({ packets: 1_000, lost: 50, overflowed: 10, unheld });
  const paths = [{ fromSecond: 0, up: lane(0), down: lane(20) }];
  assert.match(reasonsOf(record([crew([second(), idle], { paths })])).join(), /could not hold: 2 %/);
  const held = [{ fromSecond: 0, up: lane(0), down: lane(0) }];
  assert.deepEqual(reasonsOf(record([crew([second(), idle], { paths: held })])), []);
});

test('one slow process is not hidden by a fast one', () => {
  const fast = crew([second({ durations: { 'loop-late': encoded(...Array(5_000).fill(1)) } }), idle]);
  const stalled = crew([
    second({ added: counts(), durations: { 'loop-late': encoded(...Array(10).fill(90)) } }),
    idle,
  ]);
  assert.equal(reasonsOf(record([fast, stalled])).length, 1);
});

const inTime = second({ added: counts({ framesDue: 9_000, framesSent: 9_000, countedPackets: 90_000 }) });
for (const [what, added, reason] of [
  ['drops', { framesDue: 100, framesSent: 100, drops: 20, videoPackets: 980 }, /dropped .*: 2 %/],
  ['frames that did not leave', { framesDue: 100, framesSent: 97 }, /frames not sent: 3 %/],
] as const)
  test(`${what} of one process are not hidden by the packets of another`, () => {
    const run = record([
      crew([inTime, idle]),
      crew([second({ added: counts({ began: VISITS, ...added }) }), idle]),
    ]);
    const reasons = reasonsOf(run);
    assert.equal(reasons.length, 1, reasons.join('; '));
    assert.match(reasons[0] ?? '', reason);
  });

test('ghosts, whose sockets are left unread, are no fault of the generator', () => {
  const run = record([crew([second({ added: counts({ began: VISITS, ghostDrops: 9_000 }) }), idle])]);
  assert.deepEqual(reasonsOf(run), []);
});

test('a slow server is not a slow generator: joins and delays of any length leave the run valid', () => {
  const waiting = second({
    durations: { join: encoded(20_000), 'one-way-video': encoded(900), 'first-frame': encoded(25_000) },
  });
  const run = record([crew([waiting, idle])]);
  assert.deepEqual(reasonsOf(run), []);
  const [verdict] = judged(figuresOf(run), [{ figure: 'join-ms', at: 'p95', most: 3_000 }]);
  assert.equal(verdict?.passed, false);
});

const stream = (changes: Partial<StreamRecord> = {}): StreamRecord => ({
  kind: 'video',
  to: 1,
  opened: true,
  watchedMs: 60_000,
  freezes: 0,
  frozenMs: 0,
  frozen: [],
  packetsExpected: 1_000,
  packetsMissing: 0,
  packetsLost: 0,
  framesExpected: 500,
  framesArrived: 500,
  looks: 0,
  looksStopped: 0,
  ...changes,
});

const figuresOfStreams = (...streams: readonly StreamRecord[]) =>
  figuresOf(record([crew([second(), idle], { streams })]));

test('loss is weighed by packets, before and after repair', () => {
  const figures = figuresOfStreams(
    stream({ packetsMissing: 100, packetsLost: 10 }),
    stream({ packetsExpected: 3_000, packetsMissing: 20 }),
  );
  assert.equal(figures['loss-before-percent'].total, 3);
  assert.equal(figures['loss-before-percent'].spread?.max, 10);
  assert.equal(figures['loss-after-percent'].total, 0.25);
});

test('of sound only what never came is known, and of what is only counted nothing is repaired', () => {
  const figures = figuresOfStreams(
    stream({ kind: 'audio', packetsMissing: 50, packetsLost: 50 }),
    stream({ opened: false, packetsMissing: 20, packetsLost: 20, watchedMs: 0 }),
  );
  assert.equal(figures['loss-before-percent'].total, 2);
  assert.equal(figures['loss-after-percent'].total, 5);
});

test('freezes are told by the minute of watching', () => {
  const figures = figuresOfStreams(stream({ freezes: 3, watchedMs: 30_000 }), stream({ watchedMs: 90_000 }));
  assert.equal(figures['freezes-per-minute'].total, 1.5);
  assert.equal(figures['freezes-per-minute'].spread?.max, 6);
});

test('pictures that stand still to the end are one freeze each, and most of the time that was watched', () => {
  const toTheEnd = stream({ freezes: 1, frozenMs: 100_000, watchedMs: 120_000 });
  const whole = stream({ watchedMs: 120_000 });
  const figures = figuresOfStreams(
    ...Array<StreamRecord>(24).fill(toTheEnd),
    ...Array<StreamRecord>(48).fill(whole),
  );
  assert.ok((figures['freezes-per-minute'].total ?? 1) < 0.2);
  assert.equal(Math.round(figures['frozen-percent'].total ?? 0), 28);
  assert.equal(Math.round(figures['frozen-percent'].spread?.max ?? 0), 83);
});

test('a picture that stands still for long is missed by the scenarios that ask for few freezes', () => {
  // One of four that stands still from the middle on is a freeze in two minutes or less of watching each.
  const figures = figuresOfStreams(
    stream({ freezes: 1, frozenMs: 60_000, watchedMs: 120_000 }),
    ...Array<StreamRecord>(3).fill(stream({ watchedMs: 120_000 })),
  );
  for (const name of shippedNames()) {
    const read = readScenario(name);
    assert.ok(read.ok);
    const missed = judged(figures, read.value.passes).filter(
      ({ criterion, passed }) => criterion.figure === 'frozen-percent' && !passed,
    );
    assert.equal(missed.length, 1, name);
  }
});

test('streams that stopped are told of those that are only counted as well, by the looks at them', () => {
  const figures = figuresOfStreams(
    stream({ opened: false, watchedMs: 0, looks: 100, looksStopped: 80 }),
    stream({ kind: 'audio', looks: 300 }),
    stream(),
  );
  assert.equal(figures['stopped-percent'].total, 20);
  assert.equal(figures['stopped-percent'].spread?.max, 80);
  assert.equal(figuresOfStreams(stream())['stopped-percent'].total, undefined);
});

test('what was not measured has not passed', () => {
  const figures = figuresOfStreams();
  const verdicts = judged(figures, [
    { figure: 'one-way-video-ms', at: 'p95', most: 1_000 },
    { figure: 'freezes-per-minute', at: 'total', most: 1_000 },
    { figure: 'failed-joins', at: 'total', most: 0 },
  ]);
  assert.deepEqual(
    verdicts.map(({ value, passed }) => [value, passed]),
    [
      [undefined, false],
      [undefined, false],
      [0, true],
    ],
  );
});

test('a bound holds on both sides', () => {
  const figures = figuresOfStreams(stream({ packetsMissing: 50 }));
  const passes = (most: number, least: number) =>
    judged(figures, [{ figure: 'loss-before-percent', at: 'total', most, least }])[0]?.passed;
  assert.deepEqual([passes(5, 5), passes(4.9, 0), passes(9, 5.1)], [true, false, false]);
});

test('seconds of processes are put together by their number', () => {
  const merged = mergeSeconds([
    [
      second({ added: counts({ joined: 1 }), present: 1 }),
      second({ second: 1, added: counts({ joined: 2 }), present: 3 }),
    ],
    [second({ added: counts({ joined: 4 }), present: 4 })],
  ]);
  assert.deepEqual(
    merged.map(({ added, present }) => [added.joined, present]),
    [
      [5, 5],
      [2, 3],
    ],
  );
});

const frozen = (number: number, freezes: number, lateMs: number) =>
  second({
    second: number,
    added: counts({ freezes }),
    durations: { 'loop-late': encoded(...Array(200).fill(1), lateMs) },
  });
const missedFreezes: Judged = {
  criterion: { figure: 'freezes-per-minute', at: 'total', most: 0.2 },
  value: 1,
  passed: false,
};

test('freezes of the generator\u2019s own stalls are not held against the server', () => {
  const own = record([crew([frozen(0, 0, 180), frozen(1, 3, 2), frozen(2, 0, 2), frozen(3, 2, 2)])]);
  assert.match(ownFreezes(own, [missedFreezes]).join(), /3 of 5 freezes/);
  assert.deepEqual(ownFreezes(own, [{ ...missedFreezes, passed: true }]), []);
  const servers = record([crew([frozen(0, 2, 180), frozen(1, 0, 2), frozen(2, 0, 2), frozen(3, 2, 2)])]);
  assert.deepEqual(ownFreezes(servers, [missedFreezes]), []);
});

test('the stall of one process counts for the freezes of another', () => {
  const run = record([crew([frozen(0, 0, 180)]), crew([frozen(0, 4, 2)])]);
  assert.match(ownFreezes(run, [missedFreezes]).join(), /4 of 4 freezes/);
});

test('frozen time is held against nobody where it began while the generator stood still, however long it lasted', () => {
  const missed: Judged = {
    criterion: { figure: 'frozen-percent', at: 'total', most: 0.5 },
    value: 9,
    passed: false,
  };
  const seconds = [frozen(0, 0, 2), frozen(1, 0, 180), ...[2, 3, 4, 5].map((nth) => frozen(nth, 0, 2))];
  const from = (fromSecond: number) => {
    const streams = [
      stream({ frozen: [{ fromSecond, ms: 3_000 }] }),
      stream({ frozen: [{ fromSecond: 4, ms: 500 }] }),
    ];
    return record([crew(seconds, { streams })]);
  };
  assert.match(ownFreezes(from(1), [missed]).join(), /3000 of 3500 ms of standing pictures began/);
  assert.match(ownFreezes(from(2), [missed]).join(), /3000 of 3500/);
  assert.deepEqual(ownFreezes(from(3), [missed]), []);
  assert.deepEqual(ownFreezes(from(1), [{ ...missed, passed: true }]), []);
});
