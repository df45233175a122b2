import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { withLock } from './lock.mjs';
import { withNode } from './node24.mjs';
import { startProgress } from './progress.mjs';

/**
 * Everything that the built page depends on, as files and folders. More than it imports: a build too many costs two
 * seconds.
 */
const INPUTS = [
  'web',
  'src/base',
  'src/client',
  'src/e2ee',
  'src/framing',
  'src/signaling/protocol',
  'src/trust',
  'package-lock.json',
  'scripts/lib/web.mjs',
];

/** The last thing that a build writes, with the hash of what it was made from. Hidden, so that it is not served. */
const STAMP = '.inputs';

/** @param {string} projectDir */
const distOf = (projectDir) => join(projectDir, 'web', 'dist');

/**
 * @param {string} projectDir
 * @returns {string} a hash of the names and contents of all inputs
 */
export function hashInputs(projectDir) {
  const hash = createHash('sha256');
  const files = INPUTS.flatMap((input) => filesOf(join(projectDir, input)));
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash.update(`${file.slice(projectDir.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path of a file or folder
 * @returns {string[]} the file, or the files below the folder without what a build made; none where it is missing
 */
function filesOf(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name.startsWith('dist') ? [] : filesOf(join(path, entry.name));
    return entry.isFile() ? [join(path, entry.name)] : [];
  });
}

/**
 * @param {string} projectDir
 * @returns {boolean} whether the page was built from what is there now
 */
export function pageBuilt(projectDir) {
  const stamp = join(distOf(projectDir), STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashInputs(projectDir);
}

/**
 * Builds the meeting page into web/dist, beside which it is made, so that a relay never serves half a page.
 * @param {string} projectDir
 * @param {string} node
 */
export async function buildPage(projectDir, node) {
  await withLock(join(projectDir, '.setup.lock'), 'building the meeting page', async () => {
    if (pageBuilt(projectDir)) return;
    const inputs = hashInputs(projectDir);
    const staging = `${distOf(projectDir)}.new`;
    const progress = startProgress('meeting page, building');
    const { code, tail } = await runCommand(viteBuild(node, projectDir, staging), {
      cwd: projectDir,
      env: withNode(node),
    });
    progress.finish(code === 0 ? 'done' : 'failed');
    if (code !== 0) throw buildFault(tail);
    writeFileSync(join(staging, STAMP), inputs);
    rmSync(distOf(projectDir), { recursive: true, force: true });
    renameSync(staging, distOf(projectDir));
  });
}

/** @param {string} tail the build's last lines */
function buildFault(tail) {
  return new SetupFault('The meeting page could not be built.', {
    why: `vite said:\n${tail}`,
    todo: 'The relay runs without it, for participants that need no page. Start again once this is mended.',
  });
}

/**
 * @param {string} node
 * @param {string} projectDir
 * @param {string} outDir
 */
function viteBuild(node, projectDir, outDir) {
  const vite = join(projectDir, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(projectDir, 'web', 'vite.config.ts');
  const options = ['--config', config, '--configLoader', 'native', '--logLevel', 'warn'];
  return [
    node,
    '--disable-warning=ExperimentalWarning',
    vite,
    'build',
    ...options,
    '--outDir',
    outDir,
    '--emptyOutDir',
  ];
}
