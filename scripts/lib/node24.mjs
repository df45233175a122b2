import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { withLock } from './lock.mjs';
import { PROJECT_DIR } from './paths.mjs';
import { startProgress } from './progress.mjs';

/** The oldest Node that runs the project: TypeScript without a build step, node:sqlite, AbortSignal in node:test. */
const MIN_NODE_MAJOR = 24;

const MANIFEST_DIR = join(PROJECT_DIR, 'scripts', 'node24');

/**
 * @param {string} cache
 * @returns {string | null} a Node that is new enough: the running one, else the one in the cache
 */
export function findNode(cache) {
  if (Number.parseInt(process.versions.node, 10) >= MIN_NODE_MAJOR) return process.execPath;
  const node = cachedNode(cache);
  return existsSync(node) ? node : null;
}

/** @param {string} cache */
function cachedNode(cache) {
  return join(nodeDir(cache), 'node_modules', packageName(), 'bin', 'node');
}

/** @returns {string} the npm package that holds the executable, and nothing else */
function packageName() {
  return `node-${process.platform}-${process.arch}`;
}

/** @param {string} cache */
function nodeDir(cache) {
  return join(cache, `node-${pinnedVersion()}`);
}

function pinnedVersion() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(MANIFEST_DIR, 'package.json'), 'utf8'));
  return optionalDependencies[packageName()] ?? 'none';
}

/**
 * Installs the pinned Node from the npm registry into the cache; npm checks its hash against the lock file.
 * @param {string} cache
 */
export async function installNode(cache) {
  if (pinnedVersion() === 'none') throw unsupported();
  await withLock(join(cache, 'node.lock'), 'installing Node', async () => {
    if (existsSync(cachedNode(cache))) return;
    const progress = startProgress(`Node ${pinnedVersion()}, installing (about 45 MB)`);
    const staging = `${nodeDir(cache)}.new`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(MANIFEST_DIR, file), join(staging, file));
    const { code, tail } = await runCommand(npmInstall(), { cwd: staging });
    progress.finish(code === 0 ? 'done' : 'failed');
    if (code !== 0) throw npmFault(`Node ${pinnedVersion()} could not be installed.`, tail);
    rmSync(nodeDir(cache), { recursive: true, force: true });
    renameSync(staging, nodeDir(cache));
  });
}

/** @returns {string[]} */
export function npmInstall() {
  return ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];
}

/**
 * @param {string} what
 * @param {string} tail npm's last lines
 */
export function npmFault(what, tail) {
  const todo =
    'See that `npm ping` answers (the registry is set by `npm config set registry …`), then start again.';
  return new SetupFault(what, { why: `npm said:\n${tail}`, todo });
}

function unsupported() {
  return new SetupFault(
    `Node ${process.versions.node} is too old: Belfry runs on Node ${MIN_NODE_MAJOR} or newer.`,
    {
      why: `There is no packaged Node for ${process.platform} on ${process.arch}.`,
      todo: `Install Node ${MIN_NODE_MAJOR} and start again.`,
    },
  );
}

/**
 * The environment in which `node` means the Node that the project runs on.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function withNode(node, env = process.env) {
  const path = [dirname(node), join(PROJECT_DIR, 'node_modules', '.bin'), env.PATH ?? ''];
  return { ...env, PATH: path.join(':') };
}
