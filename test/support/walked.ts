import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Walk, Walked } from './mls-model.ts';

const PROGRAM = join(import.meta.dirname, 'mls-walk.ts');
/** Far above what a walk takes: a hanging one is ended. */
const MAX_MS = 1_000_000;

/** In a process of its own: a test's runner follows every promise, and a walk is made of millions. */
export const walked = async (walk: Walk): Promise<Walked> => {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(walk)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: MAX_MS });
  return JSON.parse(stdout) as Walked;
};
