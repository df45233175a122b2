import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {{pid: number, startedAt: string, what: string}} Owner
 *   `startedAt` tells a process from a later one that was given the same pid.
 */

/** How often a waiter looks again: short against any build, long against the cost of a look. */
const POLL_MS = 200;

/**
 * After taking a dead owner's lock over, this long passes before the lock counts as held: the time in which a second
 * waiter, which saw the same dead owner, may still overwrite it. The last to write wins, the other waits on.
 */
const SETTLE_MS = 100;

/**
 * Holds a lock file while `work` runs. A lock whose process is gone is taken over, so that nothing needs tidying up
 * after a crash or a power cut.
 * @template T
 * @param {string} path
 * @param {string} what what the holder does, for those who wait
 * @param {() => Promise<T>} work
 * @param {(owner: Owner) => void} [onWait] told once for each owner waited for
 * @returns {Promise<T>}
 */
export async function withLock(path, what, work, onWait = announceWait) {
  const self = { pid: process.pid, startedAt: processStart(process.pid) ?? '', what };
  await acquire(path, self, onWait);
  const releaseNow = () => release(path, self);
  process.once('exit', releaseNow);
  try {
    return await work();
  } finally {
    process.removeListener('exit', releaseNow);
    releaseNow();
  }
}

/**
 * @param {string} path
 * @param {Owner} self
 * @param {(owner: Owner) => void} onWait
 */
async function acquire(path, self, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  let waitedFor = '';
  for (;;) {
    if (tryCreate(path, self) || (await tryTakeOver(path, self))) return;
    const owner = readOwner(path);
    if (owner && isAlive(owner) && ownerKey(owner) !== waitedFor) {
      waitedFor = ownerKey(owner);
      onWait(owner);
    }
    await sleep(POLL_MS);
  }
}

/**
 * @param {string} path
 * @param {Owner} self
 */
function tryCreate(path, self) {
  const mine = writeOwn(path, self);
  try {
    // A link appears with its content, and fails where the lock exists: nobody ever reads half a lock.
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(mine);
  }
}

/**
 * @param {string} path
 * @param {Owner} self
 */
async function tryTakeOver(path, self) {
  const owner = readOwner(path);
  if (!owner || isAlive(owner)) return false;
  renameSync(writeOwn(path, self), path);
  await sleep(SETTLE_MS);
  return isOwner(path, self);
}

/**
 * @param {string} path
 * @param {Owner} self
 * @returns {string} the path of a file beside the lock, with the lock's content
 */
function writeOwn(path, self) {
  const mine = `${path}.${self.pid}`;
  writeFileSync(mine, JSON.stringify(self));
  return mine;
}

/**
 * @param {string} path
 * @param {Owner} self
 */
function release(path, self) {
  if (isOwner(path, self)) unlinkSync(path);
}

/**
 * @param {string} path
 * @param {Owner} self
 */
function isOwner(path, self) {
  const owner = readOwner(path);
  return owner !== null && ownerKey(owner) === ownerKey(self);
}

/** @param {Owner} owner */
function ownerKey(owner) {
  return `${owner.pid} ${owner.startedAt}`;
}

/**
 * @param {string} path
 * @returns {Owner | null} null where nobody holds the lock
 */
export function readOwner(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    // A file system that lost its content in a power cut: nobody whom a process id could prove alive.
    return { pid: 0, startedAt: '', what: 'unknown' };
  }
}

/** @param {Owner} owner */
export function isAlive(owner) {
  const startedAt = owner.pid > 0 ? processStart(owner.pid) : null;
  return startedAt !== null && startedAt === owner.startedAt;
}

/**
 * @param {number} pid
 * @returns {string | null} the process's start in the kernel's clock ticks, null where it does not run
 */
function processStart(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may itself hold spaces; the fields after it are numbered from 3. Start is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** @param {Owner} owner */
function announceWait(owner) {
  console.error(`Waiting for process ${owner.pid}, which is at work on: ${owner.what}`);
}
