import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Series } from '../rows.ts';
import { type Measuring, visit } from './measure.ts';
import { ended } from './processes.ts';
import type { Stage } from './stage.ts';

/** Samples a second: 1 kHz and a bit, so that it does not beat with timers. */
const FREQUENCY = 1_009;

/**
 * Where a worker's time goes, by the library in which it was met. The worker's own code has no symbols: RTP logic, the
 * estimate and the frame of SRTP around the cipher are one figure. On loopback the kernel's part has the receiver's half.
 */
const PARTS = {
  'in the kernel': /kernel|vmlinux|\[vdso\]/,
  'cipher of SRTP': /libcrypto/,
  'RTP logic': /mediasoup-worker/,
  'event loop': /libuv/,
  'memory and copies': /libc\.so|libstdc\+\+/,
} as const satisfies Readonly<Record<string, RegExp>>;
const REST = 'rest';

export const hasPerf = (): boolean => spawnSync('perf', ['--version'], { stdio: 'ignore' }).status === 0;

/** Shares of the lines of `perf report`, as in `52.1%,libcrypto.so.3`, by part; they add up to about 1. */
export const sharesOf = (report: string): ReadonlyMap<string, number> => {
  const shares = new Map<string, number>();
  for (const [, percent, library = ''] of report.matchAll(/^\s*([\d.]+)%\s*,\s*(\S.*?)\s*$/gm)) {
    const part = Object.entries(PARTS).find(([, pattern]) => pattern.test(library))?.[0] ?? REST;
    shares.set(part, (shares.get(part) ?? 0) + Number(percent) / 100);
  }
  return shares;
};

const startPerf = (pid: number, file: string) => {
  const args = ['record', '-q', '-e', 'cpu-clock', '-F', String(FREQUENCY), '-p', String(pid), '-o', file];
  const child = spawn('perf', args, { stdio: 'ignore' });
  return async () => {
    child.kill('SIGINT');
    await ended(child);
  };
};

const reportOf = (file: string): string =>
  execFileSync('perf', ['report', '-i', file, '--stdio', '--sort', 'dso', '-t', ','], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** The stage, with its worker watched until it closes. */
const watched = async (open: () => Promise<Stage>, file: string): Promise<Stage> => {
  const stage = await open();
  const stop = startPerf(stage.worker, file);
  return {
    ...stage,
    async close() {
      await stop();
      await stage.close();
    },
  };
};

export interface Profiled {
  readonly name: string;
  readonly open: () => Promise<Stage>;
  readonly measuring: Measuring;
  readonly rounds: number;
}

/** Microseconds per forwarded packet by part, one value a round. Sampling costs some itself: read it as shares. */
export const profile = async ({ name, open, measuring, rounds }: Profiled): Promise<Series[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-peers-perf-'));
  const byPart = new Map<string, number[]>();
  try {
    for (let round = 0; round < rounds; round++) {
      const file = join(folder, `${round}.data`);
      const { runs } = await visit(() => watched(open, file), measuring);
      const [run] = runs;
      if (run === undefined) continue;
      const us = run.spent.worker.us / run.counted.received;
      for (const [part, share] of sharesOf(reportOf(file)))
        byPart.set(part, [...(byPart.get(part) ?? []), us * share]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [...byPart].map(([part, samples]) => ({
    case: `${name}: ${part}`,
    measure: 'profile of the worker per forwarded packet',
    unit: 'us',
    samples,
  }));
};
