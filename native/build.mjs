import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capture, runCommand } from '../scripts/lib/command.mjs';
import { runMain, SetupFault } from '../scripts/lib/fault.mjs';
import { withLock } from '../scripts/lib/lock.mjs';
import { cacheDir, PROJECT_DIR } from '../scripts/lib/paths.mjs';
import { parseNinjaLine, startProgress } from '../scripts/lib/progress.mjs';
import { BUILD_PACKAGES, hashInputs, installedBuildPackages, workerVersion } from './inputs.mjs';
import { stageSources } from './sources.mjs';
import { fetchSrtpSource } from './srtp.mjs';

/** @typedef {import('./inputs.mjs').SrtpKind} SrtpKind */
/** @typedef {{path: string, srtp: SrtpKind}} Worker an executable, and what computes its SRTP */
/** @typedef {{projectDir?: string, cache?: string}} Places the project, and the folder for built things */

/** What one compiler takes for a batch of twelve files (0.77 GB at most): fewer run at once where memory is short. */
const MEMORY_PER_COMPILER_BYTES = 0.8e9;

/** The best first. Both link the same sources; only the library behind the SRTP ciphers differs. */
const SRTP_KINDS = /** @type {const} */ (['openssl', 'nss']);

/**
 * @returns {string[]} the packages without which the worker cannot be built
 */
export function missingBuildPackages() {
  const installed = installedBuildPackages();
  return BUILD_PACKAGES.filter((name) => !installed.has(name));
}

/**
 * Looks for a worker built from exactly the present inputs. Quick, and without side effects.
 * @param {Places} [places]
 * @returns {Worker | null}
 */
export function findWorker({ projectDir = PROJECT_DIR, cache = cacheDir() } = {}) {
  const packages = installedBuildPackages();
  if (!workerVersion(projectDir) || packages.size < BUILD_PACKAGES.length) return null;
  for (const srtp of SRTP_KINDS) {
    const path = join(workerDir(cache, hashInputs(projectDir, packages, srtp)), 'mediasoup-worker');
    if (existsSync(path)) return { path, srtp };
  }
  return null;
}

/**
 * Builds the worker, or finds it built. Resumes what an interrupted build left; waits for a build that another process
 * is running.
 * @param {Places & {renew?: boolean}} [options] renew: build again what is built already
 * @returns {Promise<Worker>}
 */
export async function buildWorker({ projectDir = PROJECT_DIR, cache = cacheDir(), renew = false } = {}) {
  return withLock(join(cache, 'worker.lock'), 'building the media worker', async () => {
    if (renew) forgetWorkers(cache);
    return findWorker({ projectDir, cache }) ?? (await buildUnlocked(projectDir, cache));
  });
}

/**
 * @param {string} projectDir
 * @param {string} cache
 * @returns {Promise<Worker>}
 */
async function buildUnlocked(projectDir, cache) {
  const source = await fetchSrtpSource(cache);
  if ('problem' in source) warnOfNss(source.problem);
  const srtp = 'problem' in source ? 'nss' : 'openssl';
  const hash = hashInputs(projectDir, installedBuildPackages(), srtp);
  const build = `${workerDir(cache, hash)}.build`;
  const versionLine = `mediasoup-worker ${workerVersion(projectDir)} inputs ${hash} srtp ${srtp}`;

  if (!existsSync(join(build, 'source'))) stageSources(projectDir, join(build, 'source'));
  await configure(build, {
    WORKER_DIR: join(build, 'source', 'worker'),
    SOURCES_FILE: join(build, 'source', 'sources.cmake'),
    SRTP_DIR: 'problem' in source ? '' : source.dir,
    SRTP_VERSION: 'problem' in source ? '' : source.version,
    VERSION_LINE: versionLine,
  });
  await compile(build);
  return { path: install(build, workerDir(cache, hash), versionLine), srtp };
}

/**
 * @param {string} cache
 * @param {string} hash
 */
function workerDir(cache, hash) {
  return join(cache, `worker-${hash}`);
}

/** @param {string} problem */
function warnOfNss(problem) {
  console.error(
    [
      'Note: the source package of libsrtp2 could not be had, so the worker links the packaged library. It works the',
      '      same, but its ciphers cost up to five times as much per packet. `node native/build.mjs --renew` tries again.',
      `      apt said: ${problem.replaceAll('\n', '\n      ')}`,
    ].join('\n'),
  );
}

/**
 * @param {string} build
 * @param {Record<string, string>} settings
 */
async function configure(build, settings) {
  if (existsSync(join(build, 'out', 'build.ninja'))) return;
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const command = [
    'cmake',
    '-G',
    'Ninja',
    '-S',
    join(build, 'source', 'native'),
    '-B',
    join(build, 'out'),
    ...defines,
  ];
  const { code, tail } = await runCommand(command);
  if (code !== 0) throw buildFault('cmake could not prepare the build of the media worker.', tail, build);
}

/** @param {string} build */
async function compile(build) {
  const progress = startProgress('media worker, compiling');
  const jobs = Math.min(availableParallelism(), Math.floor(freemem() / MEMORY_PER_COMPILER_BYTES)) || 1;
  const { code, tail } = await runCommand(
    ['ninja', '-C', join(build, 'out'), '-j', `${jobs}`, 'mediasoup-worker'],
    {
      env: { ...process.env, NINJA_STATUS: '[%f/%t] ' },
      onLine(line) {
        const counted = parseNinjaLine(line);
        if (counted) progress.update(counted.done, counted.total);
      },
    },
  );
  progress.finish(code === 0 ? 'done' : 'failed');
  if (code !== 0) throw buildFault('The media worker does not compile.', tail, build);
}

/**
 * @param {string} what
 * @param {string} why
 * @param {string} build
 */
function buildFault(what, why, build) {
  const todo = `If the machine ran out of memory or disk, make room and start again: what is compiled is kept.
Otherwise remove ${build} and start again.`;
  return new SetupFault(what, { why, todo });
}

/**
 * Moves a finished binary to where it is looked for, in one step, and forgets the build.
 * @param {string} build
 * @param {string} target
 * @param {string} versionLine
 * @returns {string} its path
 */
function install(build, target, versionLine) {
  const staging = `${target}.new`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging);
  copyFileSync(join(build, 'out', 'mediasoup-worker'), join(staging, 'mediasoup-worker'));
  const { stdout, stderr } = capture([join(staging, 'mediasoup-worker'), '--version']);
  if (stdout.trim() !== versionLine) {
    throw buildFault('The media worker was built but does not start.', stderr || `It said: ${stdout}`, build);
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(staging, target);
  rmSync(build, { recursive: true, force: true });
  return join(target, 'mediasoup-worker');
}

/**
 * Reads what `mediasoup-worker --version` prints.
 * @param {string} line
 * @returns {{version: string, inputs: string, srtp: string} | null}
 */
export function parseVersionLine(line) {
  const match = /^mediasoup-worker (\S+) inputs (\S+) srtp (\S+)$/.exec(line.trim());
  return match ? { version: match[1] ?? '', inputs: match[2] ?? '', srtp: match[3] ?? '' } : null;
}

/**
 * Refuses a given binary that does not match the installed npm package: such a pair hangs instead of failing.
 * @param {string} path
 * @param {string} projectDir
 * @returns {string} the path
 */
export function checkGivenWorker(path, projectDir = PROJECT_DIR) {
  const expected = workerVersion(projectDir);
  const todo =
    'Unset BELFRY_WORKER_BIN to have the worker built, or name one that native/build.mjs made for this version.';
  if (!existsSync(path))
    throw new SetupFault(`BELFRY_WORKER_BIN names ${path}, which does not exist.`, { todo });
  const { stdout, stderr } = capture([path, '--version'], { timeoutMs: 5000 });
  const said = parseVersionLine(stdout);
  if (!said) {
    const why = `It does not tell its version. It said: ${(stdout + stderr).trim() || 'nothing'}`;
    throw new SetupFault(`BELFRY_WORKER_BIN names ${path}, which is not a media worker of Belfry.`, {
      why,
      todo,
    });
  }
  if (said.version !== expected) {
    const why = `It was built from mediasoup ${said.version}, the installed npm package is ${expected}.`;
    throw new SetupFault(`BELFRY_WORKER_BIN names ${path}, which does not match.`, { why, todo });
  }
  return path;
}

/** @param {string} cache */
function forgetWorkers(cache) {
  for (const name of readdirSync(cache)) {
    if (/^worker-[0-9a-f]{12}($|\.)/.test(name)) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runMain(async () => {
    const missing = missingBuildPackages();
    if (missing.length > 0)
      throw new SetupFault(`Packages are missing: ${missing.join(' ')}`, { todo: 'npm run setup' });
    console.log((await buildWorker({ renew: process.argv.includes('--renew') })).path);
  });
}
