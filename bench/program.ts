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

/** Of what a program says of its troubles, so much of the end is kept for whoever started it. */
const MAX_TROUBLES_CHARS = 2_000;

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
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let troubles = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    troubles = (troubles + text).slice(-MAX_TROUBLES_CHARS);
  });
  let printed = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk;
    const found = pattern.exec(printed)?.[1];
    if (found !== undefined) return { child, found };
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const how = child.signalCode === null ? `status ${child.exitCode}` : `signal ${child.signalCode}`;
  throw new BelfryError('bench.no-server', `${file} ended before it served, ${how}: ${printed}${troubles}`);
};

export const end = async ({ child }: Started): Promise<void> => {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
};
