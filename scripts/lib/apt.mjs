import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { capture, findOnPath, runCommand } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { withLock } from './lock.mjs';
import { parseAptLine, startProgress } from './progress.mjs';

/** Another apt may hold the system's lock, an unattended upgrade for instance: this long it is waited for. */
const APT_LOCK_TIMEOUT_SECONDS = 300;

const APT_ENV = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

/**
 * Installs Debian packages, as root; otherwise says which are missing and how to install them.
 * @param {string[]} packages
 */
export async function installDebianPackages(packages) {
  if (!findOnPath('apt-get') || process.getuid?.() !== 0) throw cannotInstall(packages);
  const progress = startProgress(`Debian packages, installing ${packages.length}`);
  const install = () => aptGet(['install', '-y', '--no-install-recommends', ...packages], progress);
  // Fresh lists are fetched only where the present ones do not do: they may be absent, or older than the archive.
  let result = hasLists(packages) ? await install() : { code: 1, tail: '' };
  if (result.code !== 0) {
    await aptGet(['update'], progress);
    result = await install();
  }
  progress.finish(result.code === 0 ? 'done' : 'failed');
  if (result.code === 0) return;
  const todo = `See that \`apt-get update\` works here, then start again.\nBy hand: ${installCommand(packages)}`;
  throw new SetupFault('The Debian packages could not be installed.', {
    why: `apt-get said:\n${result.tail}`,
    todo,
  });
}

/**
 * @param {string[]} args
 * @param {import('./progress.mjs').Reporter} progress
 */
function aptGet(args, progress) {
  const options = ['-q', '-o', 'APT::Status-Fd=3', '-o', `DPkg::Lock::Timeout=${APT_LOCK_TIMEOUT_SECONDS}`];
  return runCommand(['apt-get', ...options, ...args], {
    env: APT_ENV,
    onStatus(line) {
      const status = parseAptLine(line);
      if (status) progress.update(status.percent, 100);
    },
  });
}

/** @param {string[]} packages */
function hasLists(packages) {
  return capture(['apt-cache', 'show', '--no-all-versions', ...packages]).code === 0;
}

/**
 * The libraries that a Debian package depends on, for an executable that is taken out of it.
 * @param {string} pack
 */
export function librariesOf(pack) {
  const { stdout } = capture(['apt-cache', 'depends', pack]);
  return [...stdout.matchAll(/^ *Depends: (lib[a-z0-9.+-]+)$/gm)].map((match) => match[1] ?? '');
}

/** @param {string[]} packages */
function installCommand(packages) {
  return `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** @param {string[]} packages */
function cannotInstall(packages) {
  const debian = findOnPath('apt-get') !== null;
  const why = debian
    ? 'Only root may install packages, and this is not root.'
    : 'This is not Debian: apt-get is missing.';
  const todo = debian
    ? `Run as root, then start again:\n  ${installCommand(packages)}`
    : 'Install what corresponds to these packages, or set BELFRY_WORKER_BIN to a worker built on Debian 12.';
  return new SetupFault(`Debian packages are missing: ${packages.join(' ')}`, {
    why: `The media worker is built against them. ${why}`,
    todo: `${todo}\nOr give a worker that is built already: BELFRY_WORKER_BIN=/path/to/mediasoup-worker`,
  });
}

/**
 * Takes one executable out of a Debian package without installing it, so that no service of the package starts.
 * @param {string} cache
 * @param {{pack: string, file: string}} what `file` is the path inside the package
 * @returns {Promise<void>}
 */
export async function extractFromPackage(cache, { pack, file }) {
  const target = join(cache, pack);
  await withLock(join(cache, `${pack}.lock`), `fetching ${pack}`, async () => {
    if (existsSync(join(target, file))) return;
    const progress = startProgress(`${pack}, fetching for the tests`);
    const staging = `${target}.new`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    const error = await downloadAndExtract(staging, pack, file);
    progress.finish(error ? 'failed' : 'done');
    if (error)
      throw new SetupFault(`${file} could not be taken out of Debian's package ${pack}.`, { why: error });
    renameSync(staging, target);
  });
}

/**
 * @param {string} folder
 * @param {string} pack
 * @param {string} file
 * @returns {Promise<string | null>} what went wrong, null for nothing
 */
async function downloadAndExtract(folder, pack, file) {
  const options = { cwd: folder, env: APT_ENV };
  const settings = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=0'];
  const download = await runCommand(['apt-get', '-q', ...settings, 'download', pack], options);
  const deb = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (download.code !== 0 || !deb) return download.tail || 'apt-get download brought no file.';
  const extract = await runCommand(
    ['sh', '-c', `dpkg-deb --fsys-tarfile "$1" | tar -x "./$2"`, 'sh', deb, file],
    options,
  );
  rmSync(join(folder, deb), { force: true });
  return extract.code === 0 ? null : extract.tail;
}
