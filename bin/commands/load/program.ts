import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitStatus } from '../../command-line.ts';

const GENERATOR = fileURLToPath(new URL('../../../bench/load/main.ts', import.meta.url));
const STATUSES: readonly ExitStatus[] = Object.values(EXIT);

/**
 * Runs the generator in a process of its own, which no part of the relay is loaded into; answers its status. Asked to end, it
 * ends the run and reports what was done: Ctrl-C reaches it by itself, other signals are passed on.
 */
export const runGenerator = (order: object, ca?: string): Promise<ExitStatus> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', GENERATOR, JSON.stringify(order)],
      { stdio: 'inherit', env: ca === undefined ? process.env : { ...process.env, NODE_EXTRA_CA_CERTS: ca } },
    );
    const pass = (signal: NodeJS.Signals) => void (signal !== 'SIGINT' && child.kill(signal));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
    child.once('error', reject);
    child.once('exit', (code) => resolve(STATUSES.find((status) => status === code) ?? EXIT.failed));
  });
