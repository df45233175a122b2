import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface NameTrap {
  /** Put before a command: it runs with loopback alone and this trap as its name server. */
  readonly wrapper: readonly string[];
  /** Every name that commands in the trap have asked for. */
  names(): string[];
}

const PROGRAM = fileURLToPath(new URL('./loopback-only.ts', import.meta.url));

/** `undefined` where this machine does not let us make namespaces (not root, or no unshare, mount or ip). */
export const trapNames = (): NameTrap | undefined => {
  const log = join(mkdtempSync(join(tmpdir(), 'belfry-trap-')), 'names');
  const wrapper = [
    ...['unshare', '--net', '--mount', '--', process.execPath],
    ...['--disable-warning=ExperimentalWarning', PROGRAM, log],
  ];
  const [file = '', ...args] = [...wrapper, 'true'];
  if (spawnSync(file, args).status !== 0) return undefined;
  return { wrapper, names: () => readLines(log) };
};

const readLines = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};
