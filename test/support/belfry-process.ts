import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { PROJECT_DIR } from './source-tree.ts';

export interface BelfryProcess {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  errors(): string;
  /** The first match of `pattern` in the output, now or later; rejects when the process ends without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same of the log on its error output. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  /** Asks it to end, waits, and answers the status. */
  stop(): Promise<number | null>;
}

interface Options {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Put before `node`: a wrapper such as `unshare -n`. */
  readonly wrapper?: readonly string[];
  /** Leads a process group of its own, as a terminal's job does: a signal to the group reaches all that it started. */
  readonly leadsGroup?: boolean;
}

/** Only what a process needs: no setting of the machine that runs the tests leaks in. */
const cleanEnvironment = (): Record<string, string> => {
  const kept = ['PATH', 'HOME', 'BELFRY_WORKER_BIN', 'BELFRY_CACHE', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
};

export const runBelfry = (
  args: readonly string[],
  { input, env, wrapper = [], leadsGroup = false }: Options = {},
): BelfryProcess => {
  const [file = process.execPath, ...rest] = [
    ...wrapper,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(PROJECT_DIR, 'bin/belfry.ts'),
    ...args,
  ];
  const child = spawn(file, rest, {
    // Relays record what they decide: not among the records of whoever runs the tests.
    env: { ...cleanEnvironment(), XDG_STATE_HOME: join(tmpdir(), 'belfry-tests'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: leadsGroup,
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal }));
  const found = (stream: Readable, soFar: () => string, pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(soFar());
        if (match === null) return;
        stream.off('data', look);
        resolve(match);
      };
      stream.on('data', look);
      look();
      void ended.then(() => reject(new Error(`ended without ${pattern}:\n${output}\n${errors}`)));
    });
  return {
    child,
    output: () => output,
    errors: () => errors,
    printed: (pattern) => found(child.stdout, () => output, pattern),
    logged: (pattern) => found(child.stderr, () => errors, pattern),
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return (await ended).status;
    },
  };
};
