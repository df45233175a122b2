import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';
import { version as packageVersion } from 'mediasoup';
import { ok, type Result, refuse } from '../../../base/result.ts';

/** It prints one line and ends; whatever takes longer is something else. */
const VERSION_LIMIT_MS = 5_000;

const REMEDY = 'run `npm run setup` to build the worker, or name a binary that was built for this version';

/**
 * Whether `path` is a media worker of the same version as the npm package: a mismatched pair does not fail, it hangs.
 * Answers what the worker says of itself. Refusals: `worker.missing`, `worker.version`.
 */
export async function inspectWorkerBinary(path: string): Promise<Result<string>> {
  if (!(await isExecutable(path)))
    return refuse('worker.missing', `there is no executable media worker at ${path}`, REMEDY);
  const printed = await printedVersion(path);
  const version = parseWorkerVersion(printed);
  if (version === packageVersion) return ok(printed);
  const what = version === undefined ? 'does not tell its version' : `is of version ${version}`;
  const message = `the media worker at ${path} ${what}, the installed mediasoup package is ${packageVersion}`;
  return refuse('worker.version', message, REMEDY);
}

/** The version in what `mediasoup-worker --version` prints, or `undefined` where it is not that. */
export function parseWorkerVersion(printed: string): string | undefined {
  return /^mediasoup-worker (\S+) inputs \S+ srtp \S+$/.exec(printed)?.[1];
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function printedVersion(path: string): Promise<string> {
  try {
    const limits = { timeout: VERSION_LIMIT_MS, killSignal: 'SIGKILL' } as const;
    const { stdout } = await promisify(execFile)(path, ['--version'], limits);
    return stdout.trim();
  } catch {
    return '';
  }
}
