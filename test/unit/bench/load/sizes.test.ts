import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_RATE, type Step } from '../../../../bench/load/calibrate/ladder.ts';
import { faultOf } from '../../../../bench/load/command/calibrate.ts';
import { largestOf, type Rung, summaryOf, tried } from '../../../../bench/load/command/ladder.ts';
import type { LoadResult } from '../../../../bench/load/result.ts';
import { SCHEMA } from '../../../../bench/result.ts';
import { ok } from '../../../../src/base/result.ts';

const machine = { cpu: 'any', cores: 2, memoryBytes: 1, kernel: 'any', node: '24' };
const load = { scenario: { name: 'made' } } as LoadResult['load'];
const facts = { name: 'load made', date: '2026-01-01T12:00:00.000Z', commit: 'any', machine };

const rung = (size: number, valid: boolean): Rung => {
  const why = valid ? null : 'the generator was the limit: people sent in late';
  return { size, result: { ...facts, schema: SCHEMA, seed: 1, valid, why, rows: [], load } };
};

test('the largest size is the last one that was VALID before any was not', () => {
  assert.equal(largestOf([rung(40, true), rung(80, true), rung(120, false)])?.size, 80);
  assert.equal(largestOf([rung(40, true), rung(80, true)])?.size, 80);
  assert.equal(largestOf([rung(40, true), rung(80, false), rung(120, true)])?.size, 40);
  assert.equal(largestOf([rung(40, false)]), undefined);
});

test('a size is given up after two runs that were INVALID, and none is run for nothing', async () => {
  const runsOf = async (valid: readonly boolean[], signal = new AbortController().signal) => {
    let runs = 0;
    const measured = await tried(async () => ok(rung(40, valid[runs++] ?? false).result), signal);
    return [runs, measured.ok && measured.value.valid];
  };
  assert.deepEqual(await runsOf([true, false]), [1, true]);
  assert.deepEqual(await runsOf([false, true]), [2, true]);
  assert.deepEqual(await runsOf([false, false, true]), [2, false]);
  assert.deepEqual(await runsOf([false, true], AbortSignal.abort()), [1, false]);
});

test('a ladder says whether it came to an end, and is INVALID where no size was VALID', () => {
  const ended = summaryOf([rung(40, true), rung(80, false)]);
  assert.deepEqual(
    ended?.rows.map(({ measure, max }) => [measure, max]),
    [['people, the most that was VALID', 40]],
  );
  const open = summaryOf([rung(40, true), rung(80, true)]);
  assert.equal(open?.rows[0]?.measure, 'people, VALID at each size that was asked for');
  const none = summaryOf([rung(40, false)]);
  assert.deepEqual([none?.valid, none?.rows], [false, []]);
  assert.match(none?.why ?? '', /^40 people: the generator was the limit/);
});

test('a calibration that held nothing says so, and claims no bound', () => {
  const step: Step = {
    perSecond: FIRST_RATE,
    due: 2_000,
    sent: 2_000,
    sentLateMs: 7.5,
    received: 2_000,
    dropped: 0,
    cpuShare: 0.1,
    cpuUsPerPacket: 50,
    loopLateMs: 1,
    delayMs: 9,
  };
  assert.match(
    faultOf('full', [step], 0) ?? '',
    /^full: not even 1000 packets\/s were held: .* 7\.5 ms late/,
  );
  assert.match(faultOf('full', [], 0) ?? '', /ended before it told anything/);
  const held = { ...step, sentLateMs: 1, delayMs: 1 };
  assert.match(faultOf('full', [held, step], 0) ?? '', /the reflector could not send more/);
  assert.match(faultOf('full', [step], 0.01) ?? '', /Other programs need the machine/);
  const stolen = faultOf('full', [step], 0.18) ?? '';
  assert.match(stolen, /the host of this virtual machine took 18 % of its cores away/);
  assert.doesNotMatch(stolen, /Other programs/);
});
