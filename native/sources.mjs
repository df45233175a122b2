import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../scripts/lib/command.mjs';
import { SetupFault } from '../scripts/lib/fault.mjs';
import { WORKER_PARTS, workerSourceDir } from './inputs.mjs';

/**
 * Copies the worker's sources and our build files into `target` and applies our patches to the copies. `target`
 * appears complete or not at all.
 * @param {string} projectDir
 * @param {string} target
 */
export function stageSources(projectDir, target) {
  const staging = `${target}.new`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  for (const part of WORKER_PARTS) {
    cpSync(join(workerSourceDir(projectDir), part), join(staging, 'worker', part), { recursive: true });
  }
  for (const part of ['CMakeLists.txt', 'include']) {
    cpSync(join(projectDir, 'native', part), join(staging, 'native', part), { recursive: true });
  }
  for (const patch of patchFiles(projectDir)) applyPatch(patch, join(staging, 'worker'));
  writeFileSync(join(staging, 'sources.cmake'), sourceLists(join(staging, 'worker')));
  renameSync(staging, target);
}

/**
 * @param {string} projectDir
 * @returns {string[]} the patches' paths in the order in which they apply
 */
export function patchFiles(projectDir) {
  const folder = join(projectDir, 'native', 'patches');
  const names = readdirSync(folder).filter((name) => name.endsWith('.patch'));
  return names.sort().map((name) => join(folder, name));
}

/**
 * @param {string} patch
 * @param {string} workerDir
 */
function applyPatch(patch, workerDir) {
  // No fuzz: a patch that fits only roughly may have landed in the wrong place.
  const result = capture([
    'patch',
    '-p1',
    '--fuzz=0',
    '--force',
    '--no-backup-if-mismatch',
    '-d',
    workerDir,
    '-i',
    patch,
  ]);
  if (result.code === 0) return;
  throw new SetupFault(`${patch} does not apply to the mediasoup that is installed.`, {
    why: `The text that it changes is no longer in mediasoup's sources.\n${result.stdout}${result.stderr}`.trim(),
    todo: 'Look at what upstream changed: drop the patch if its reason, given at its top, is gone; else renew it.',
  });
}

/**
 * @param {string} workerDir
 * @returns {string} a CMake file with the lists of the package's own meson files
 */
function sourceLists(workerDir) {
  const read = (/** @type {string} */ file) => readFileSync(join(workerDir, file), 'utf8');
  return [
    cmakeList('WORKER_SOURCES', mesonList(read('meson.build'), 'common_sources')),
    cmakeList('LIBWEBRTC_SOURCES', mesonList(read('deps/libwebrtc/meson.build'), 'libwebrtc_sources')),
    cmakeList('SCHEMAS', mesonList(read('fbs/meson.build'), 'flatbuffers_schemas')),
  ].join('\n');
}

/**
 * Reads a list of strings out of a meson file: its assignment and every addition to it.
 * @param {string} text
 * @param {string} name
 * @returns {string[]}
 */
export function mesonList(text, name) {
  const blocks = [...text.matchAll(new RegExp(`^ *${name} \\+?= \\[([^\\]]*)\\]`, 'gm'))];
  const items = blocks.flatMap(([, block = '']) =>
    [...block.matchAll(/'([^']+)'/g)].map(([, item = '']) => item),
  );
  if (items.length > 0) return items;
  throw new SetupFault(`mediasoup's meson file has no list named ${name}.`, {
    why: 'The layout of the npm package has changed.',
    todo: 'Adapt native/sources.mjs to the new layout.',
  });
}

/**
 * @param {string} name
 * @param {string[]} items
 */
function cmakeList(name, items) {
  return `set(${name}\n${items.map((item) => `  "${item}"\n`).join('')})\n`;
}
