import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How many of a command's last lines are kept for the report of its failure. */
const KEPT_LINES = 40;

/** Signals that end this process and must end the command first. */
const ENDING_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {{cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, onStatus?: (line: string) => void}}
 *   CommandOptions `onStatus` gets the lines that the command writes to its file descriptor 3
 * @typedef {{code: number, tail: string}} CommandResult exit status, and the last lines of its output
 */

/**
 * Runs a command to its end with its output captured line by line. The command ends with this process, however this
 * process ends.
 * @param {string[]} command
 * @param {CommandOptions} [options]
 * @returns {Promise<CommandResult>}
 */
export async function runCommand(command, { cwd, env, onLine = () => {}, onStatus = () => {} } = {}) {
  const [file = '', ...args] = boundToParent(command);
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const tail = /** @type {string[]} */ ([]);
  const keep = (/** @type {string} */ line) => {
    tail.push(line);
    if (tail.length > KEPT_LINES) tail.shift();
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, keep);
  eachLine(/** @type {import('node:stream').Readable} */ (child.stdio[3]), onStatus);
  const unbind = endWith(child);
  try {
    const code = await exitCode(child);
    return { code, tail: tail.join('\n') };
  } finally {
    unbind();
  }
}

/**
 * Has the kernel end the command when this process dies, even by SIGKILL: a compiler left behind would write into the
 * folder in which the next run resumes.
 * @param {string[]} command
 */
function boundToParent(command) {
  const setpriv = findOnPath('setpriv');
  return setpriv ? [setpriv, '--pdeathsig', 'TERM', '--', ...command] : command;
}

/** @param {import('node:child_process').ChildProcess} child */
function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

/**
 * Passes ending signals to the child, then ends this process as the signal would have.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} undoes it
 */
function endWith(child) {
  const handlers = ENDING_SIGNALS.map((signal) => {
    const handler = () => {
      child.kill('SIGTERM');
      child.once('close', () => process.exit(signal === 'SIGINT' ? 130 : 143));
    };
    process.once(signal, handler);
    return () => process.removeListener(signal, handler);
  });
  return () => {
    for (const undo of handlers) undo();
  };
}

/**
 * @param {import('node:stream').Readable | null} stream null where the command could not be started
 * @param {(line: string) => void} onLine
 */
function eachLine(stream, onLine) {
  if (!stream) return;
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (/** @type {string} */ chunk) => {
    const lines = (rest + chunk).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line) onLine(line);
  });
  stream.on('end', () => rest && onLine(rest));
}

/**
 * Runs a quick command and returns its output.
 * @param {string[]} command
 * @param {{timeoutMs?: number, env?: NodeJS.ProcessEnv}} [options]
 * @returns {{code: number | null, stdout: string, stderr: string}} code null: not found, killed or timed out
 */
export function capture(command, { timeoutMs = 10_000, env = process.env } = {}) {
  const [file = '', ...args] = command;
  const options = {
    encoding: /** @type {const} */ ('utf8'),
    timeout: timeoutMs,
    env,
    killSignal: /** @type {const} */ ('SIGKILL'),
  };
  const result = spawnSync(file, args, options);
  return { code: result.status, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
}

/**
 * @param {string} name
 * @param {string} [path]
 * @returns {string | null} the executable's full path
 */
export function findOnPath(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return null;
}
