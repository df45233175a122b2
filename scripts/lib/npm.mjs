import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { withLock } from './lock.mjs';
import { npmFault, npmInstall, withNode } from './node24.mjs';
import { startProgress } from './progress.mjs';

/** @typedef {{version?: string, integrity?: string, optional?: boolean}} LockEntry */
/** @typedef {Record<string, LockEntry>} LockEntries by path below the project, as npm's lock files have them */

/** How often the installed packages are counted for the progress line. */
const COUNT_INTERVAL_MS = 500;

/**
 * @param {string} projectDir
 * @returns {boolean} whether exactly the packages of package-lock.json are installed
 */
export function packagesInstalled(projectDir) {
  const record = recordOf(projectDir);
  return (
    existsSync(record) && sameEntries(readEntries(join(projectDir, 'package-lock.json')), readEntries(record))
  );
}

/**
 * What npm installed: it writes this as the last step of a complete installation.
 * @param {string} projectDir
 */
function recordOf(projectDir) {
  return join(projectDir, 'node_modules', '.package-lock.json');
}

/**
 * @param {string} file
 * @returns {LockEntries}
 */
function readEntries(file) {
  const { '': _project, ...entries } = JSON.parse(readFileSync(file, 'utf8')).packages;
  return entries;
}

/**
 * Optional packages, which are mostly other machines' variants of one, may be absent; what is present must match.
 * @param {LockEntries} wanted
 * @param {LockEntries} installed
 */
export function sameEntries(wanted, installed) {
  const needed = Object.keys(wanted).filter((path) => !wanted[path]?.optional);
  const same = (/** @type {string} */ path) =>
    installed[path]?.version === wanted[path]?.version &&
    installed[path]?.integrity === wanted[path]?.integrity;
  return needed.every(same) && Object.keys(installed).every(same);
}

/**
 * Installs the packages of package-lock.json, with the Node that will run them.
 * @param {string} projectDir
 * @param {string} node
 */
export async function installPackages(projectDir, node) {
  await withLock(join(projectDir, '.setup.lock'), 'installing npm packages', async () => {
    if (packagesInstalled(projectDir)) return;
    const wanted = readEntries(join(projectDir, 'package-lock.json'));
    const paths = Object.keys(wanted).filter((path) => !wanted[path]?.optional);
    const progress = startProgress('npm packages, installing');
    const count = () => paths.filter((path) => existsSync(join(projectDir, path))).length;
    const timer = setInterval(() => progress.update(count(), paths.length), COUNT_INTERVAL_MS);
    const { code, tail } = await runCommand(npmInstall(), { cwd: projectDir, env: withNode(node) });
    clearInterval(timer);
    progress.finish(code === 0 ? 'done' : 'failed');
    if (code !== 0) throw npmFault('The npm packages could not be installed.', tail);
  });
}

/**
 * npm installs anew what its record does not vouch for.
 * @param {string} projectDir
 * @param {string} node
 * @param {readonly string[]} names
 * @param {(message: string) => void} [say]
 */
export async function reinstallPackages(projectDir, node, names, say = console.error) {
  say(`Installing npm packages anew: ${names.join(', ')} was patched by another state of this project.`);
  rmSync(recordOf(projectDir), { force: true });
  await installPackages(projectDir, node);
}
