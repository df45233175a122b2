import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildWorker, checkGivenWorker, findWorker, missingBuildPackages } from '../../native/build.mjs';
import { extractFromPackage, installDebianPackages, librariesOf } from './apt.mjs';
import { findOnPath } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { findNode, installNode } from './node24.mjs';
import { installPackages, packagesInstalled, reinstallPackages } from './npm.mjs';
import { packagesPatched, patchPackages } from './patch.mjs';
import { cacheDir, PROJECT_DIR } from './paths.mjs';
import { buildPage, pageBuilt } from './web.mjs';

/**
 * @typedef {{cache: string, projectDir: string, givenWorker?: string | undefined, forTests: boolean}} Context
 * @typedef {{name: string, isDone: (context: Context) => boolean, run: (context: Context) => Promise<void>,
 *   testsOnly?: boolean, optional?: boolean}} Step
 *   `isDone` is quick and touches no network. Where an optional step fails, set-up goes on without it.
 */

/** Either runs the page's tests. */
const CHROMIUM = ['chromium', 'chromium-browser'];

/** What tests make networks of their own with. */
const NETWORK_TOOLS = [
  { pack: 'iproute2', file: 'ip' },
  { pack: 'nftables', file: 'nft' },
];

/** The TURN server that tests talk to. Its package would start it as a service; its libraries start nothing. */
const COTURN = { pack: 'coturn', file: 'usr/bin/turnserver' };

/** promtool checks metrics and alert rules in the tests. It comes in the package of the whole server. */
const PROMTOOL = { pack: 'prometheus', file: 'usr/bin/promtool' };

/** In this order: each step may rely on those before it. @type {readonly Step[]} */
export const STEPS = [
  {
    name: 'Node',
    isDone: ({ cache }) => findNode(cache) !== null,
    run: ({ cache }) => installNode(cache),
  },
  {
    name: 'npm packages',
    isDone: ({ projectDir }) => packagesInstalled(projectDir),
    run: ({ cache, projectDir }) => installPackages(projectDir, findNode(cache) ?? process.execPath),
  },
  {
    name: 'patches to npm packages',
    isDone: ({ projectDir }) => packagesPatched(projectDir),
    run: ({ cache, projectDir }) =>
      patchPackages(projectDir, (names) =>
        reinstallPackages(projectDir, findNode(cache) ?? process.execPath, names),
      ),
  },
  {
    name: 'Debian packages',
    isDone: (context) => hasWorker(context) || missingBuildPackages().length === 0,
    run: () => installDebianPackages(missingBuildPackages()),
  },
  {
    name: 'media worker',
    isDone: hasWorker,
    run: async ({ projectDir, cache }) => void (await buildWorker({ projectDir, cache })),
  },
  {
    name: 'meeting page',
    optional: true,
    isDone: ({ projectDir }) => pageBuilt(projectDir),
    run: ({ cache, projectDir }) => buildPage(projectDir, findNode(cache) ?? process.execPath),
  },
  {
    name: 'Chromium',
    testsOnly: true,
    optional: true,
    isDone: () => CHROMIUM.some((name) => findOnPath(name) !== null),
    run: () => installDebianPackages(['chromium']),
  },
  {
    name: 'ip and nft',
    testsOnly: true,
    optional: true,
    // Only root can make network namespaces: for anyone else the tests that want them are skipped anyway.
    isDone: () => NETWORK_TOOLS.every(({ file }) => findOnPath(file) !== null) || process.getuid?.() !== 0,
    run: () => installDebianPackages(NETWORK_TOOLS.map(({ pack }) => pack)),
  },
  {
    name: 'coturn',
    testsOnly: true,
    optional: true,
    // Only root can make the networks that its tests want.
    isDone: ({ cache }) =>
      findOnPath('turnserver') !== null ||
      existsSync(join(cache, COTURN.pack, COTURN.file)) ||
      process.getuid?.() !== 0,
    async run({ cache }) {
      const libraries = librariesOf(COTURN.pack);
      if (libraries.length === 0)
        throw new SetupFault("apt does not know Debian's package coturn.", { todo: 'apt-get update' });
      await installDebianPackages(libraries);
      await extractFromPackage(cache, COTURN);
    },
  },
  {
    name: 'promtool',
    testsOnly: true,
    optional: true,
    isDone: ({ cache }) =>
      findOnPath('promtool') !== null || existsSync(join(cache, PROMTOOL.pack, PROMTOOL.file)),
    run: ({ cache }) => extractFromPackage(cache, PROMTOOL),
  },
];

/** @param {Context} context */
function hasWorker({ givenWorker, projectDir, cache }) {
  return Boolean(givenWorker) || findWorker({ projectDir, cache }) !== null;
}

/**
 * Runs those steps that are not done, in order.
 * @param {readonly Step[]} steps
 * @param {Context} context
 * @param {(message: string) => void} [warn]
 * @returns {Promise<string[]>} the names of the steps that ran
 */
export async function runSteps(steps, context, warn = console.error) {
  const ran = [];
  for (const step of steps) {
    if ((step.testsOnly && !context.forTests) || step.isDone(context)) continue;
    ran.push(step.name);
    try {
      await step.run(context);
    } catch (error) {
      if (!step.optional || !(error instanceof SetupFault)) throw error;
      warn(`Going on without ${step.name}; tests that need it are skipped.\n${error.report()}`);
    }
  }
  return ran;
}

/** @typedef {{node: string, worker: string, ran: string[], path: string[]}} Ready
 *  what to run with: Node, the media worker, which steps ran, and folders for the front of PATH */

/**
 * Sets up whatever is missing. With everything in place it does nothing but look.
 * @param {{forTests?: boolean, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<Ready>}
 */
export async function ensureReady({ forTests = false, env = process.env } = {}) {
  const context = {
    cache: cacheDir(env),
    projectDir: PROJECT_DIR,
    givenWorker: env.BELFRY_WORKER_BIN,
    forTests,
  };
  const ran = await runSteps(STEPS, context);
  const node = findNode(context.cache);
  const worker = context.givenWorker
    ? checkGivenWorker(context.givenWorker, PROJECT_DIR)
    : findWorker({ cache: context.cache })?.path;
  if (!node || !worker) throw new Error(`Set-up ended without ${node ? 'a media worker' : 'Node'}.`);
  const taken = [PROMTOOL, COTURN].map(({ pack, file }) => join(context.cache, pack, dirname(file)));
  const path = [join(PROJECT_DIR, 'node_modules', '.bin'), ...taken];
  return { node, worker, ran, path };
}
