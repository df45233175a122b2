import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../../../src/base/result.ts';
import { type BenchResult, benchResult } from '../../result.ts';
import { rowsOf } from '../../rows.ts';
import { describeResult } from '../../table.ts';
import { type Order, STATUS, type Status } from '../order.ts';
import { writeReport } from '../report/folder.ts';
import { headlineOf } from '../report/html.ts';
import type { LoadResult } from '../result.ts';
import { usage } from './print.ts';
import { runOnce } from './run.ts';

/** Another program may spoil a run, and twice in a row seldom: a size is given up only then. */
const TRIES = 2;

/** One size, by its last try. */
export interface Rung {
  readonly size: number;
  readonly result: LoadResult;
}

/** The largest size below which, itself included, no run was INVALID: a lucky one above says nothing. */
export const largestOf = (rungs: readonly Rung[]): Rung | undefined => {
  const end = rungs.findIndex(({ result }) => !result.valid);
  return (end === -1 ? rungs : rungs.slice(0, end)).at(-1);
};

/** How many people a generator on this machine can be in a scenario: sizes in turn, until one is INVALID. */
export const ladder = async (
  { run, sizes, out = 'load-results/ladder' }: Extract<Order, { kind: 'ladder' }>,
  signal: AbortSignal,
): Promise<Status> => {
  const rungs: Rung[] = [];
  for (const size of sizes.toSorted((a, b) => a - b)) {
    const measured = await tried(() => runOnce({ ...run, participants: size }, signal), signal);
    if (!measured.ok) return usage(measured.refusal);
    const rung = { size, result: measured.value };
    rungs.push(rung);
    writeReport(join(out, String(size)), rung.result);
    console.log(lineOf(rung));
    if (!rung.result.valid) break;
  }
  return conclude(rungs, out);
};

/** The first that is VALID, or the last of the tries. */
export const tried = async (
  measure: () => Promise<Result<LoadResult>>,
  signal: AbortSignal,
): Promise<Result<LoadResult>> => {
  for (let left = TRIES; ; left--) {
    const measured = await measure();
    if (!measured.ok || measured.value.valid || left === 1 || signal.aborted) return measured;
  }
};

const lineOf = ({ size, result }: Rung): string => {
  const { word, text } = headlineOf(result);
  return `${String(size).padStart(6)} people: ${word}: ${text}`;
};

const conclude = (rungs: readonly Rung[], out: string): Status => {
  const result = summaryOf(rungs);
  if (result === undefined) return STATUS.invalid;
  mkdirSync(out, { recursive: true });
  const path = join(out, 'result.json');
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`${describeResult(result)}\nResult: ${path}`);
  return result.valid ? STATUS.passed : STATUS.invalid;
};

/** In the one schema: its facts of machine and commit are those of the last run. */
export const summaryOf = (rungs: readonly Rung[]): BenchResult | undefined => {
  const last = rungs.at(-1);
  if (last === undefined) return undefined;
  const { load, name, ...facts } = last.result;
  const largest = largestOf(rungs);
  const above = last.result.valid ? [] : [`${last.size} people: ${last.result.why}`];
  return benchResult.parse({
    ...facts,
    name: `${name} ladder`,
    valid: largest !== undefined,
    why: largest === undefined ? above.join('') : null,
    rows: rowsOf([
      {
        case: load.scenario.name,
        measure: last.result.valid
          ? 'people, VALID at each size that was asked for'
          : 'people, the most that was VALID',
        unit: '1',
        samples: largest === undefined ? [] : [largest.size],
      },
    ]),
  });
};
