import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run, Visit } from '../../../../bench/peers/measure.ts';
import { pictureOf } from '../../../../bench/peers/picture.ts';
import { faultsOf, type Outcomes, seriesOf } from '../../../../bench/peers/results.ts';
import { rowsOf } from '../../../../bench/rows.ts';

const setting = { name: '30 viewers', forms: ['evenly'] };

const run = (workerUs: number, change: Partial<Run['counted']> = {}): Run => ({
  counted: {
    sent: 100,
    received: 3_000,
    probes: 0,
    refused: 0,
    sendErrors: 0,
    lateUs: 10,
    delays: 100,
    delayP50Us: 90,
    delayP99Us: 200,
    delayMaxUs: 300,
    ...change,
  },
  spent: {
    worker: { us: 3_000 * workerUs, userTicks: 1, systemTicks: 3 },
    othersUs: 3_000,
    relayCoreBusy: 0.3,
    generatorCoreBusy: 0.2,
  },
  expected: 3_000,
});

const visit = (workerUs: number, change: Partial<Run['counted']> = {}): Visit => ({
  runs: [run(workerUs, change)],
  joinsMs: [120, 130],
  bytesPerViewer: 200 * 1_024,
});

const outcomes = (peer: Outcomes['peer'], ...visits: (Visit | undefined)[]): Outcomes => ({
  setting,
  peer,
  visits,
});

const rowOf = (all: readonly Outcomes[], name: string, measure: string) =>
  rowsOf(seriesOf(all)).find((row) => row.case === name && row.measure.startsWith(measure));

test('a forwarded packet costs what the worker spent by what arrived, beside that of mediasoup', () => {
  const all = [
    outcomes('belfry', visit(8), visit(9), visit(12)),
    outcomes('mediasoup', visit(4), visit(9), visit(6)),
  ];
  const row = rowOf(all, 'Belfry, 30 viewers, evenly', 'CPU of the worker per');
  assert.deepEqual([row?.n, row?.min, row?.p50, row?.max], [3, 8, 9, 12]);
  assert.deepEqual([row?.against, row?.ratio], ['mediasoup, 30 viewers, evenly', 1.5]);
  const paired = rowOf(all, 'Belfry, 30 viewers, evenly', 'CPU of the worker by that of mediasoup');
  assert.deepEqual([paired?.min, paired?.p50, paired?.max], [1, 2, 2]);
});

test('user and system share the sum as their ticks do', () => {
  const all = [outcomes('belfry', visit(8))];
  assert.equal(rowOf(all, 'Belfry, 30 viewers, evenly', 'of it in user mode')?.p50, 2);
  assert.equal(rowOf(all, 'Belfry, 30 viewers, evenly', 'of it in the kernel')?.p50, 6);
  assert.equal(rowOf(all, 'Belfry, 30 viewers, evenly', 'CPU of all its processes')?.p50, 9);
});

test('rounds that failed pair with none, and are said in a row', () => {
  const all = [outcomes('belfry', undefined, visit(9)), outcomes('mediasoup', visit(4), visit(3))];
  const paired = rowOf(all, 'Belfry, 30 viewers, evenly', 'CPU of the worker by that of mediasoup');
  assert.deepEqual([paired?.n, paired?.p50], [1, 3]);
  assert.equal(rowOf(all, 'Belfry, 30 viewers', 'rounds skipped')?.p50, 1);
  assert.equal(rowOf(all, 'mediasoup, 30 viewers', 'rounds skipped'), undefined);
  const skipped = [outcomes('janus', undefined, undefined)];
  assert.deepEqual(
    rowsOf(seriesOf(skipped)).map(({ measure, p50 }) => [measure, p50]),
    [['rounds skipped or failed', 2]],
  );
});

test('an overload is no measurement', () => {
  assert.deepEqual(faultsOf([outcomes('belfry', visit(8))]), []);
  assert.deepEqual(faultsOf([outcomes('belfry', visit(8, { received: 2_960 }))]), [
    'packets were lost in 1 runs',
  ]);
  assert.deepEqual(faultsOf([outcomes('belfry', visit(8, { refused: 1 }))]), [
    'packets were not authentic in 1 runs',
  ]);
  assert.deepEqual(faultsOf([outcomes('belfry', visit(8, { lateUs: 50_000 }), undefined)]), [
    'the generator sent late in 1 runs',
  ]);
});

test('the picture has a panel for each form and leaves out who was skipped', () => {
  const picture = pictureOf([outcomes('belfry', visit(8)), outcomes('janus', undefined)]);
  assert.match(picture, /30 viewers, evenly/);
  assert.match(picture, />Belfry</);
  assert.doesNotMatch(picture, />janus</);
});
