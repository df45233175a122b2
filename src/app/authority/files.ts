import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';

/** The state folder's files. Both `.pem` with keys hold a certificate and its key, so that the two always fit. */
const FILES = { authority: 'authority.pem', root: 'root.pem', host: 'relay.pem' } as const;
type FileName = keyof typeof FILES;

export const pathIn = (folder: string, name: FileName): string => join(folder, FILES[name]);

/** For the owner alone. */
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const FOLDER_MODE = 0o700;
const MODES = { authority: PRIVATE_MODE, root: PUBLIC_MODE, host: PRIVATE_MODE } as const;
const OTHERS_READ_OR_WRITE = 0o077;
const OTHERS_WRITE = 0o022;
const TEMPORARY_NAME_BYTES = 8;

/** What is wrong with who may reach `path`, and how it is put right; `undefined` where it is right. */
const permissionFault = async (path: string, forbiddenMode: number): Promise<BelfryError | undefined> => {
  const { mode, uid } = await stat(path);
  const own = process.geteuid?.() ?? uid;
  if (uid !== own)
    return new BelfryError('trust.permissions', `${path} belongs to user ${uid}, not to ${own}`, {
      remedy: 'start the relay as the user who created it, or give it over with chown',
    });
  if ((mode & forbiddenMode) === 0) return undefined;
  const shown = (mode & 0o777).toString(8);
  const remedy = `chmod ${forbiddenMode === OTHERS_WRITE ? 'go-w' : 'go='} '${path}'; if others were here, make a new authority`;
  return new BelfryError('trust.permissions', `others may reach ${path}: its mode is ${shown}`, { remedy });
};

/** Makes the folder where there is none. Throws `trust.state-dir`, or `trust.permissions` where others could change it. */
export const openFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (cause) {
    const message = `the state folder ${folder} cannot be made: ${messageOf(cause)}`;
    throw new BelfryError('trust.state-dir', message, { remedy: 'name another with --state-dir', cause });
  }
  const fault = await permissionFault(folder, OTHERS_WRITE);
  if (fault !== undefined) throw fault;
};

/** The file's text, or `undefined` where there is none. Throws `trust.permissions` where others may read a private one. */
export const readState = async (folder: string, name: FileName): Promise<string | undefined> => {
  const path = pathIn(folder, name);
  try {
    const isPrivate = MODES[name] === PRIVATE_MODE;
    const fault = await permissionFault(path, isPrivate ? OTHERS_READ_OR_WRITE : OTHERS_WRITE);
    if (fault !== undefined) throw fault;
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof BelfryError) throw error;
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new BelfryError('trust.state-dir', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
};

/** Replaces the file: whoever reads sees the old text or the new one, whole. */
export const replaceState = (
  folder: string,
  name: FileName,
  text: string,
  random: RandomBytes,
): Promise<void> => writeAside(folder, name, text, random, (aside, path) => rename(aside, path));

/** Writes the file where there is none, and leaves another's alone: of several at once, one writes. */
export const createState = (
  folder: string,
  name: FileName,
  text: string,
  random: RandomBytes,
): Promise<void> =>
  writeAside(folder, name, text, random, async (aside, path) => {
    try {
      await link(aside, path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  });

/** On the disk under another name first, so that its own name never shows a part of it. */
const writeAside = async (
  folder: string,
  name: FileName,
  text: string,
  random: RandomBytes,
  place: (aside: string, path: string) => Promise<void>,
): Promise<void> => {
  const path = pathIn(folder, name);
  const aside = `${path}.${toHex(random(TEMPORARY_NAME_BYTES))}`;
  try {
    await writeDurably(aside, text, MODES[name]);
    await place(aside, path);
  } catch (cause) {
    const remedy = 'make room and rights there, or name another with --state-dir';
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

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
