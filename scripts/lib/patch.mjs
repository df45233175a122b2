import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tsMlsPatches } from '../patches/ts-mls.mjs';
import { weriftPatches } from '../patches/werift.mjs';
import { SetupFault } from './fault.mjs';
import { withLock } from './lock.mjs';

/**
 * @typedef {{from: string, to: string}} Replacement each `from` is in the package's file exactly once
 * @typedef {{package: string, version: string, file: string, replacements: readonly Replacement[]}} Patch
 */

/** @type {readonly Patch[]} */
const PATCHES = [...tsMlsPatches, ...weriftPatches];

/**
 * @param {string} projectDir
 * @returns {boolean} whether every patch is in the installed packages
 */
export function packagesPatched(projectDir) {
  return PATCHES.every((patch) =>
    isPatched(readText(join(projectDir, 'node_modules', patch.package, patch.file)), patch),
  );
}

/**
 * Patches the installed packages; what is patched already stays as it is. A package whose text takes its patches no longer, as
 * after an older patch, is installed anew first.
 * @param {string} projectDir
 * @param {(names: readonly string[]) => Promise<void>} reinstall
 * @param {readonly Patch[]} [patches]
 */
export async function patchPackages(projectDir, reinstall, patches = PATCHES) {
  const stale = stalePackages(projectDir, patches);
  if (stale.length > 0) await reinstall(stale);
  await withLock(join(projectDir, '.setup.lock'), 'patching npm packages', async () => {
    for (const patch of patches) patchPackage(projectDir, patch);
  });
}

/**
 * Of another version is a fault of the patch, which installing anew does not mend.
 * @param {string} projectDir
 * @param {readonly Patch[]} patches
 */
function stalePackages(projectDir, patches) {
  const stale = patches.filter((patch) => {
    const { text, version } = installedOf(projectDir, patch);
    return version === patch.version && !isPatched(text, patch) && !takes(text, patch);
  });
  return [...new Set(stale.map(({ package: name }) => name))];
}

/**
 * @param {string} projectDir
 * @param {Patch} patch
 */
function installedOf(projectDir, patch) {
  const folder = join(projectDir, 'node_modules', patch.package);
  const file = join(folder, patch.file);
  const { version } = JSON.parse(readText(join(folder, 'package.json')) || '{}');
  return { file, text: readText(file), version };
}

/**
 * @param {string} projectDir
 * @param {Patch} patch
 */
function patchPackage(projectDir, patch) {
  const { file, text, version } = installedOf(projectDir, patch);
  const patched = applyPatch(text, patch, version);
  // Renamed into place: the file may be shared with another checkout by a hard link.
  writeFileSync(`${file}.new`, patched);
  renameSync(`${file}.new`, file);
}

/**
 * @param {string} text the file as it is installed
 * @param {Patch} patch
 * @param {string} version the version that is installed
 * @returns {string} the patched text; throws a SetupFault where the patch is not for this text
 */
export function applyPatch(text, patch, version) {
  if (isPatched(text, patch)) return text;
  if (version !== patch.version || !takes(text, patch)) throw misfit(patch, version);
  return patch.replacements.reduce((patched, { from, to }) => patched.replace(from, () => to), text);
}

/**
 * @param {string} text
 * @param {Patch} patch
 */
function takes(text, { replacements }) {
  return replacements.every(({ from }) => text.split(from).length === 2);
}

/**
 * @param {string} text
 * @param {Patch} patch
 */
function isPatched(text, { replacements }) {
  return replacements.every(({ from, to }) => !text.includes(from) && text.includes(to));
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * @param {Patch} patch
 * @param {string} version
 */
function misfit(patch, version) {
  return new SetupFault(`The patch for ${patch.package} ${patch.version} does not apply.`, {
    why: `Installed is ${version}, or ${patch.file} is not as it was published.`,
    todo: `Remove node_modules and start again; after changing the version, see whether scripts/patches is still needed.`,
  });
}
