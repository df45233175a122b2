import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { BelfryError } from '../src/base/errors.ts';
import { PROJECT_DIR } from './facts.ts';

export interface Started {
  readonly child: ChildProcess;
  /** The first group of the pattern. */
  readonly found: string;
}

/** Runs a program of the project and waits until it printed what `pattern` finds. */
export const startProgram = async (
  file: string,
  args: readonly string[],
  pattern: RegExp,
): Promise<Started> => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(PROJECT_DIR, file), ...args],
    {
      // Nothing is written to it: its end tells a program that whoever started it is gone.
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  let printed = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk;
    const found = pattern.exec(printed)?.[1];
    if (found !== undefined) return { child, found };
  }
  throw new BelfryError('bench.no-server', `${file} ended before it served: ${printed}`);
};

export const end = async ({ child }: Started): Promise<void> => {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
};
