import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../scripts/lib/command.mjs';

/** What of the npm package's worker folder goes into the binary. */
export const WORKER_PARTS = ['src', 'include', 'fbs', 'deps', 'meson.build'];

/** What of native/ goes into the binary. */
export const NATIVE_PARTS = ['CMakeLists.txt', 'include', 'patches'];

/** Debian's packages from which the worker is built. dpkg-dev unpacks libsrtp's source package. */
export const BUILD_PACKAGES = [
  'cmake',
  'dpkg-dev',
  'flatbuffers-compiler',
  'g++',
  'libabsl-dev',
  'libflatbuffers-dev',
  'libsrtp2-dev',
  'libssl-dev',
  'libuv1-dev',
  'ninja-build',
  'patch',
];

/** Which library computes SRTP. @typedef {'openssl' | 'nss'} SrtpKind */

/** A tenth of a second, except on a disk that is busy: an answer that came too late would read as "not installed". */
const DPKG_TIMEOUT_MS = 120_000;

/** Enough of a SHA-256 to tell builds apart in a folder's name and in a version line. */
const HASH_HEX_DIGITS = 12;

/**
 * @param {string} projectDir
 * @returns {string} the worker folder of the installed npm package
 */
export function workerSourceDir(projectDir) {
  return join(projectDir, 'node_modules', 'mediasoup', 'worker');
}

/**
 * @param {string} projectDir
 * @returns {string | null} the npm package's version, null where it is not installed
 */
export function workerVersion(projectDir) {
  const file = join(projectDir, 'node_modules', 'mediasoup', 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
}

/**
 * @returns {Map<string, string>} the installed ones of BUILD_PACKAGES with their versions; empty where dpkg is absent
 */
export function installedBuildPackages() {
  const rows = queryPackages(['db:Status-Status', 'Package', 'Version'], BUILD_PACKAGES);
  const installed = rows.filter(([status]) => status === 'installed');
  return new Map(installed.map(([, name = '', version = '']) => [name, version]));
}

/**
 * Asks dpkg about packages.
 * @param {string[]} fields of dpkg-query, without spaces in their values
 * @param {string[]} packages
 * @returns {string[][]} a row of fields for each package that dpkg knows
 */
export function queryPackages(fields, packages) {
  const format = fields.map((field) => ['$', `{${field}}`].join('')).join(' ');
  const command = ['dpkg-query', '-W', '-f', `${format}\n`, ...packages];
  const { stdout } = capture(command, { timeoutMs: DPKG_TIMEOUT_MS });
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => line.split(' '));
}

/**
 * Hashes everything that decides what the binary is: the npm package's sources, our build files and patches, the
 * compiler's and the libraries' versions, the processor.
 * @param {string} projectDir
 * @param {Map<string, string>} packages
 * @param {SrtpKind} srtp
 * @returns {string} HASH_HEX_DIGITS digits
 */
export function hashInputs(projectDir, packages, srtp) {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([process.platform, process.arch, srtp, workerVersion(projectDir), [...packages].sort()]),
  );
  for (const part of WORKER_PARTS) hashTree(hash, workerSourceDir(projectDir), part);
  for (const part of NATIVE_PARTS) hashTree(hash, join(projectDir, 'native'), part);
  return hash.digest('hex').slice(0, HASH_HEX_DIGITS);
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} root
 * @param {string} part a file or folder below root
 */
function hashTree(hash, root, part) {
  for (const file of listFiles(root, part)) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
}

/**
 * @param {string} root
 * @param {string} part
 * @returns {string[]} paths relative to root, in one fixed order
 */
function listFiles(root, part) {
  const entries = statEntries(join(root, part));
  return entries === null ? [part] : entries.flatMap((name) => listFiles(root, join(part, name)));
}

/** @param {string} path @returns {string[] | null} a folder's names, null for a file */
function statEntries(path) {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return null;
    throw error;
  }
}
