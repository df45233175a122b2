import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder. */
export const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * Where built and downloaded things live, outside the clone, so that a second clone finds them.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} an absolute path; the folder may not exist yet
 */
export function cacheDir(env = process.env) {
  if (env.BELFRY_CACHE) return resolve(env.BELFRY_CACHE);
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'belfry');
  return join(env.HOME || homedir(), '.cache', 'belfry');
}
