// Runs a program of the project: `node scripts/run.mjs TARGET [ARG…]`. Sets up first what is missing, says nothing where
// nothing is, and then stands aside: input, output, signals and exit status are the program's own.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, resolve } from 'node:path';
import { runMain, SetupFault } from './lib/fault.mjs';
import { PROJECT_DIR } from './lib/paths.mjs';
import { ensureReady } from './lib/steps.mjs';

/** Targets that run tests, or a browser as tests do, for which set-up fetches the testing tools too. */
const TEST_TARGETS = ['scripts/test.mjs', 'scripts/verify.mjs', 'scripts/screenshots.ts'];

/** Passed on to the program, which decides what they mean. */
const PASSED_SIGNALS = /** @type {const} */ ([
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
]);

/** Signals that a terminal sends to the whole foreground group, so that the program has them already. */
const FROM_TERMINAL = new Set(['SIGINT', 'SIGQUIT']);

await runMain(async () => {
  const [target, ...args] = process.argv.slice(2);
  if (!target) throw new SetupFault('Nothing to run.', { todo: 'node scripts/run.mjs TARGET [ARG…]' });
  const ready = await ensureReady({ forTests: TEST_TARGETS.includes(target) });
  process.exitCode = await runTarget(ready, resolve(PROJECT_DIR, target), args);
});

/**
 * @param {import('./lib/steps.mjs').Ready} ready
 * @param {string} file
 * @param {string[]} args
 * @returns {Promise<number>} the exit status, 128 and the signal's number after a death by signal
 */
function runTarget({ node, worker, path }, file, args) {
  const env = {
    ...process.env,
    BELFRY_WORKER_BIN: worker,
    PATH: [dirname(node), ...path, process.env.PATH ?? ''].join(delimiter),
  };
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', file, ...args], {
    stdio: 'inherit',
    env,
  });
  for (const signal of PASSED_SIGNALS) {
    process.on(signal, () => {
      if (!(FROM_TERMINAL.has(signal) && process.stdin.isTTY)) child.kill(signal);
    });
  }
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => settle(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
  });
}
