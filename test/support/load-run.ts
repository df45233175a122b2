import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadResult, loadResult } from '../../bench/load/result.ts';
import { type BelfryProcess, runBelfry } from './belfry-process.ts';

export interface LoadRun {
  readonly belfry: BelfryProcess;
  readonly folder: string;
  /** Once it has ended. */
  result(): LoadResult;
  page(): string;
}

/** `belfry load run` with a folder of its own, which is left to the system's cleaning of temporary files. */
export const startLoad = (...args: readonly string[]): LoadRun => loadRun(args, false);

/** The same in a process group of its own, which can be signalled as a terminal does it. */
export const startLoadJob = (...args: readonly string[]): LoadRun => loadRun(args, true);

const loadRun = (args: readonly string[], leadsGroup: boolean): LoadRun => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-load-test-'));
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  return {
    belfry: runBelfry(['load', 'run', ...args, '--out', folder], { leadsGroup }),
    folder,
    result: () => loadResult.parse(JSON.parse(read('result.json'))),
    page: () => read('report.html'),
  };
};

/** Whether a process was started with such a word, and is there. */
export const isNamed =
  (name: string) =>
  (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name);
    } catch {
      return false;
    }
  };

export const STATUS_OF = { PASSED: 0, FAILED: 1, INVALID: 3 } as const;
export type Headline = keyof typeof STATUS_OF;

/** A scenario of two people who talk, with changes, as a file. */
export const scenarioFile = (folder: string, changes: object): string => {
  const path = join(folder, 'scenario.json');
  const scenario = {
    name: 'two',
    about: 'Two people talk.',
    seconds: 5,
    arrivals: { kind: 'planned', atSeconds: [0] },
    people: [{ name: 'two', count: 2, weight: 'full', sends: { cameraLayers: 3, microphone: 'always' } }],
    passes: [{ figure: 'failed-joins', most: 0 }],
    forms: { short: {}, tiny: {} },
    ...changes,
  };
  writeFileSync(path, JSON.stringify(scenario));
  return path;
};
