import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Machine } from './result.ts';

export const PROJECT_DIR = join(import.meta.dirname, '..');

export const machineFacts = (): Machine => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  kernel: `${type()} ${release()}`,
  node: process.versions.node,
});

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd: PROJECT_DIR,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** What could change a figure: a result that was just written is not among it. */
const MEASURED_PATHS = ['src', 'bin', 'native', 'bench', 'package-lock.json', ':!bench/results'];

/** The checked-out commit, `+changes` where tracked files differ from it, `unknown` outside of a git checkout. */
export const commitFact = (): string => {
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no', '--', ...MEASURED_PATHS);
    return git('rev-parse', 'HEAD') + (changes === '' ? '' : '+changes');
  } catch {
    return 'unknown';
  }
};
