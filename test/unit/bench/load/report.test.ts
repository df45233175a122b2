import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { compare } from '../../../../bench/load/command/compare.ts';
import { changesOf, differencesOf } from '../../../../bench/load/compare/compare.ts';
import { COUNTS, type Counts } from '../../../../bench/load/crew/messages.ts';
import { chartsOf } from '../../../../bench/load/report/charts.ts';
import { readResult, remakeReport, writeReport } from '../../../../bench/load/report/folder.ts';
import { headlineOf, reportHtml } from '../../../../bench/load/report/html.ts';
import { lossAfter, lossBefore, stretchesOf } from '../../../../bench/load/report/stretches.ts';
import type { LoadRecord, LoadResult, TimelineSecond } from '../../../../bench/load/result.ts';
import { readScenario } from '../../../../bench/load/scenario/files.ts';
import { seededRandom } from '../../../../bench/random.ts';
import { SCHEMA } from '../../../../bench/result.ts';

const folder = mkdtempSync(join(tmpdir(), 'belfry-load-report-'));
after(() => rmSync(folder, { recursive: true }));

const counts = (changes: Partial<Counts> = {}): Counts => ({
  ...(Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts),
  ...changes,
});

const second = (nth: number, p50: number, added: Partial<Counts> = {}): TimelineSecond => ({
  second: nth,
  present: 2,
  added: { ...counts(added) },
  durations: { 'one-way-video': { p50, p95: p50 * 2, max: p50 * 3 } },
  generatorCpu: [0.2],
});

/** Delays of `seconds` around `delayMs`, up and down like noise. */
const resultWith = (delayMs: number, seconds = 60, changes: Partial<LoadRecord> = {}): LoadResult => {
  const scenario = readScenario('cabinet');
  assert.ok(scenario.ok);
  const random = seededRandom(seconds + Math.round(delayMs));
  const load: LoadRecord = {
    scenario: scenario.value,
    form: 'tiny',
    people: { full: 2, light: 0, ghost: 0 },
    visits: 2,
    processes: 1,
    lastedSeconds: seconds,
    othersCores: 0,
    stolenShare: 0,
    server: { kind: 'own', workers: 1, share: 1, readingsMissed: 0 },
    versions: { node: '24' },
    passed: true,
    criteria: [{ figure: 'join-ms', at: 'p95', most: 3_000, least: null, value: 200, passed: true }],
    checks: [],
    counts: { ...counts() },
    codes: {},
    refusedFrames: {},
    paths: [],
    histograms: {},
    joinsMs: [],
    firstFramesMs: [],
    timeline: Array.from({ length: seconds }, (_, i) => second(i, delayMs + random.fraction() * 4)),
    serverTimeline: [],
    notes: [],
    ...changes,
  };
  return {
    schema: SCHEMA,
    name: 'load cabinet',
    date: '2026-01-01T00:00:00.000Z',
    commit: 'test',
    machine: { cpu: 'test', cores: 2, memoryBytes: 1, kernel: 'test', node: '24' },
    seed: 1,
    valid: true,
    why: null,
    rows: [],
    load,
  };
};

const verdictOf = (a: LoadResult, b: LoadResult): string | undefined =>
  changesOf(a, b, seededRandom(1)).find(
    ({ measure }) => measure === 'one-way delay of video, p50 of a second',
  )?.verdict;

test('a run is read back as it was written, and its page made anew', () => {
  const result = resultWith(10);
  const page = readFileSync(writeReport(folder, result), 'utf8');
  const read = readResult(folder);
  assert.ok(read.ok);
  assert.deepEqual(read.value, result);
  writeFileSync(join(folder, 'report.html'), 'lost');
  const made = remakeReport(folder);
  assert.ok(made.ok);
  assert.equal(readFileSync(made.value.path, 'utf8'), page);
});

test('what is no result is refused, with its path', () => {
  const missing = readResult(join(folder, 'nowhere'));
  assert.equal(missing.ok ? undefined : missing.refusal.code, 'load.no-result');
  const broken = mkdtempSync(join(folder, 'broken-'));
  writeFileSync(join(broken, 'result.json'), '{"schema":"belfry.bench.v1"}');
  const refused = readResult(broken);
  assert.equal(refused.ok ? undefined : refused.refusal.code, 'load.no-result');
  assert.match(refused.ok ? '' : (refused.refusal.remedy ?? ''), /another version/);
});

test('an invalid run is INVALID whatever else it is, and never said to be slow', () => {
  const failed = resultWith(10, 60, { passed: false });
  assert.equal(headlineOf(failed).word, 'FAILED');
  assert.equal(headlineOf({ ...failed, valid: false, why: 'the generator was the limit' }).word, 'INVALID');
  assert.equal(headlineOf({ ...resultWith(10), valid: false, why: 'x' }).word, 'INVALID');
  assert.equal(headlineOf(resultWith(10)).word, 'PASSED');
});

test('of an invalid run the page judges no criterion', () => {
  const met = resultWith(10);
  assert.match(reportHtml(met), /<td>met<\/td>/);
  const missed = resultWith(10, 60, {
    criteria: met.load.criteria.map((one) => ({ ...one, passed: false })),
  });
  assert.match(reportHtml(missed), /<td>NOT MET<\/td>/);
  for (const result of [met, missed]) {
    const page = reportHtml({ ...result, valid: false, why: 'the generator was the limit' });
    assert.match(page, /<td>not judged<\/td>/);
    assert.doesNotMatch(page, /<td>(?:met|NOT MET)<\/td>/);
  }
});

test('the page tells both ways of a bad path, and what receivers saw of the one that leads to them', () => {
  const lane = (packets: number, lost: number) => ({ packets, lost, overflowed: 0, unheld: 3 });
  const paths = [{ fromSecond: 0, up: lane(200, 50), down: lane(100, 10) }];
  const page = reportHtml(resultWith(10, 60, { paths })).replaceAll(/<td class="number">/g, '<td>');
  assert.match(page, /<td>up<\/td><td>200<\/td><td>25<\/td><td>0<\/td><td>3<\/td><td>–<\/td>/);
  assert.match(page, /<td>down<\/td><td>100<\/td><td>10<\/td><td>0<\/td><td>3<\/td>/);
});

test('nothing that a scenario says can end the script or open an element', () => {
  const result = resultWith(10);
  const about = '</script><img src=x onerror=alert(1)>';
  const page = reportHtml({
    ...result,
    load: { ...result.load, scenario: { ...result.load.scenario, about }, notes: [about] },
  });
  assert.ok(!page.includes('<img'));
  assert.equal(page.match(/<\/script>/g)?.length, 3);
});

test('seconds after the end, in which all leave, are no part of the drawings', () => {
  const result = resultWith(10, 5);
  const timeline = [...result.load.timeline, second(5, 900), second(6, 900)];
  const delay = chartsOf({ ...result, load: { ...result.load, timeline } }).find(
    ({ title }) => title === 'One-way delay',
  );
  assert.deepEqual(delay?.x, [1, 2, 3, 4, 5]);
});

test('what was missing at first is told of video and of what is counted, what was missing for good of all that is opened', () => {
  const added = counts({ videoPackets: 90, videoRecovered: 8, videoLost: 2, audioPackets: 98, audioLost: 2 });
  assert.equal(lossBefore(added), 10);
  assert.equal(lossAfter(added), 2);
  assert.equal(lossBefore(counts({ countedPackets: 95, countedMissing: 5 })), 5);
  assert.equal(lossBefore(counts()), null);
});

test('each stretch of a bad path stands beside what was seen in it', () => {
  const lane = (packets: number, lost: number) => ({ packets, lost, overflowed: 0, unheld: 0 });
  const stretches = stretchesOf({
    paths: [
      { fromSecond: 0, up: lane(0, 0), down: lane(100, 0) },
      { fromSecond: 2, up: lane(0, 0), down: lane(100, 10) },
    ],
    timeline: [0, 1, 2, 3].map((nth) =>
      second(nth, 1, nth < 2 ? { videoPackets: 50 } : { videoPackets: 45, videoRecovered: 5 }),
    ),
  });
  assert.deepEqual(
    stretches.map(({ lostPercent, seenBeforePercent }) => [lostPercent, seenBeforePercent]),
    [
      [0, 0],
      [10, 10],
    ],
  );
});

test('equal runs have not changed, slower ones have, and short ones cannot tell', () => {
  assert.equal(verdictOf(resultWith(10), resultWith(10, 61)), 'within noise');
  assert.equal(verdictOf(resultWith(10), resultWith(20)), 'more');
  assert.equal(verdictOf(resultWith(20), resultWith(10)), 'less');
  assert.equal(verdictOf(resultWith(10, 4), resultWith(20, 4)), 'too few to tell');
});

test('what equal runs show now and then is within noise, up to where they seldom do', () => {
  const [a, b] = [resultWith(10), resultWith(10, 61)];
  const slowerBy = (ms: number) =>
    resultWith(10, 61, {
      timeline: b.load.timeline.map(({ durations, ...one }) => ({
        ...one,
        durations: { 'one-way-video': { p50: (durations['one-way-video']?.p50 ?? 0) + ms, p95: 0, max: 0 } },
      })),
    });
  assert.equal(verdictOf(a, slowerBy(1.1)), 'within noise');
  assert.equal(verdictOf(a, slowerBy(1.5)), 'more');
});

test('in what else two runs differ is named', () => {
  const scaled = resultWith(10, 60, { server: { kind: 'own', workers: 1, share: 0.2, readingsMissed: 0 } });
  assert.deepEqual(differencesOf(resultWith(10), scaled), ['server']);
  assert.deepEqual(differencesOf(resultWith(10), resultWith(10)), []);
});

const printedBy = (t: TestContext, command: () => number): { status: number; text: string } => {
  const { mock } = t.mock.method(console, 'log', () => {});
  const status = command();
  return { status, text: mock.calls.map(({ arguments: words }) => words.join(' ')).join('\n') };
};

test('with an invalid run nothing is compared, whichever of the two it is', (t) => {
  const keep = (name: string, result: LoadResult): string => {
    writeReport(join(folder, name), result);
    return join(folder, name);
  };
  const valid = keep('valid', resultWith(10));
  const invalid = keep('invalid', { ...resultWith(20), valid: false, why: 'frames left late' });
  for (const [a, b] of [
    [valid, invalid],
    [invalid, valid],
  ] as const) {
    const { status, text } = printedBy(t, () => compare(a, b));
    assert.equal(status, 3);
    assert.match(text, /INVALID.*frames left late/);
    assert.doesNotMatch(text, /B - A/);
  }
  assert.equal(printedBy(t, () => compare(valid, valid)).status, 0);
});
