import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../base/bytes.ts';
import type { RandomBytes } from '../base/clock.ts';
import { BelfryError, messageOf } from '../base/errors.ts';

/** A folder of state, and the flag by which another would be named. */
export interface StateFolder {
  readonly path: string;
  readonly flag: string;
}

/** A file in it; a private one is for its owner alone. */
export interface StateFile {
  readonly folder: StateFolder;
  readonly name: string;
  readonly isPrivate: boolean;
}

export const pathOf = ({ folder, name }: StateFile): string => join(folder.path, name);

const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const FOLDER_MODE = 0o700;
const OTHERS_READ_OR_WRITE = 0o077;
const OTHERS_WRITE = 0o022;
const TEMPORARY_NAME_BYTES = 8;
/** What `writeAside` calls a file while it is written. */
const TEMPORARY_NAME = new RegExp(`^(.+)\\.[0-9a-f]{${2 * TEMPORARY_NAME_BYTES}}$`);

/** The file that a file of this name was to become, if it is one that a killed process left half written. */
export const targetOfLeftover = (name: string): string | undefined => TEMPORARY_NAME.exec(name)?.[1];

/** What is wrong with who may reach `path`, and how it is put right; `undefined` where it is right. */
const permissionFault = async (path: string, forbiddenMode: number): Promise<BelfryError | undefined> => {
  const { mode, uid } = await stat(path);
  const own = process.geteuid?.() ?? uid;
  if (uid !== own)
    return new BelfryError('trust.permissions', `${path} belongs to user ${uid}, not to ${own}`, {
      remedy: 'start belfry as the user who created it, or give it over with chown',
    });
  if ((mode & forbiddenMode) === 0) return undefined;
  const shown = (mode & 0o777).toString(8);
  const remedy = `chmod ${forbiddenMode === OTHERS_WRITE ? 'go-w' : 'go='} '${path}'; if others were here, make a new authority`;
  return new BelfryError('trust.permissions', `others may reach ${path}: its mode is ${shown}`, { remedy });
};

/** Makes the folder where there is none. Throws `trust.state-dir`, or `trust.permissions` where others could change it. */
export const openFolder = async ({ path, flag }: StateFolder): Promise<void> => {
  try {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  } catch (cause) {
    const message = `the state folder ${path} cannot be made: ${messageOf(cause)}`;
    throw new BelfryError('trust.state-dir', message, { remedy: `name another with ${flag}`, cause });
  }
  const fault = await permissionFault(path, OTHERS_WRITE);
  if (fault !== undefined) throw fault;
};

/** The file's text, or `undefined` where there is none. Throws `trust.permissions` where others may read a private one. */
export const readState = async (file: StateFile): Promise<string | undefined> => {
  const path = pathOf(file);
  try {
    const fault = await permissionFault(path, file.isPrivate ? OTHERS_READ_OR_WRITE : OTHERS_WRITE);
    if (fault !== undefined) throw fault;
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof BelfryError) throw error;
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new BelfryError('trust.state-dir', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
};

/** Replaces the file: whoever reads sees the old text or the new one, whole. */
export const replaceState = (file: StateFile, text: string, random: RandomBytes): Promise<void> =>
  writeAside(file, text, random, (aside, path) => rename(aside, path));

/** Writes the file where there is none, and leaves another's alone: of several at once, one writes. */
export const createState = (file: StateFile, text: string, random: RandomBytes): Promise<void> =>
  writeAside(file, text, random, async (aside, path) => {
    try {
      await link(aside, path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  });

/** On the disk under another name first, so that its own name never shows a part of it. */
const writeAside = async (
  file: StateFile,
  text: string,
  random: RandomBytes,
  place: (aside: string, path: string) => Promise<void>,
): Promise<void> => {
  const path = pathOf(file);
  const aside = `${path}.${toHex(random(TEMPORARY_NAME_BYTES))}`;
  try {
    await writeDurably(aside, text, file.isPrivate ? PRIVATE_MODE : PUBLIC_MODE);
    await place(aside, path);
    await syncFolder(file.folder.path);
  } catch (cause) {
    const remedy = `make room and rights there, or name another with ${file.folder.flag}`;
    throw new BelfryError('trust.state-dir', `${path} cannot be written: ${messageOf(cause)}`, {
      remedy,
      cause,
    });
  } finally {
    await rm(aside, { force: true });
  }
};

const writeDurably = async (path: string, text: string, mode: number): Promise<void> => {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // Whatever the process's mask took away.
  await chmod(path, mode);
};

/** A name is on the disk only when its folder is: what was promised must hold after a power cut. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
