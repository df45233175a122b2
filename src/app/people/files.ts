import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError } from '../../base/errors.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import * as stateFiles from '../state-files.ts';

/** What the authority for people keeps. A `.pem` that is private holds a certificate and its key. */
const FILES = {
  authority: { name: 'people-authority.pem', isPrivate: true },
  revocation: { name: 'revocation-office.pem', isPrivate: true },
  clearance: { name: 'clearance-office.pem', isPrivate: true },
  register: { name: 'register.json', isPrivate: true },
  lock: { name: 'lock', isPrivate: true },
  root: { name: 'people-root.pem', isPrivate: false },
  scale: { name: 'scale.json', isPrivate: false },
  list: { name: 'revocation.json', isPrivate: false },
} as const;
type FileName = keyof typeof FILES;

/** What the relay keeps: where this lies, no authority for people may lie. */
const FILES_OF_RELAY = ['authority.pem', 'relay.pem'];

const folderAt = (path: string): stateFiles.StateFolder => ({ path, flag: '--folder' });
const fileIn = (folder: string, name: FileName): stateFiles.StateFile => ({
  folder: folderAt(folder),
  ...FILES[name],
});

export const pathIn = (folder: string, name: FileName): string => stateFiles.pathOf(fileIn(folder, name));

export const read = (folder: string, name: FileName): Promise<string | undefined> =>
  stateFiles.readState(fileIn(folder, name));

export const replace = (folder: string, name: FileName, text: string, random: RandomBytes): Promise<void> =>
  stateFiles.replaceState(fileIn(folder, name), text, random);

/** The file's text; `make` gives it where there is none yet. */
export const readOrCreate = async (
  folder: string,
  name: FileName,
  random: RandomBytes,
  make: () => Promise<string>,
): Promise<string> => {
  const kept = await read(folder, name);
  if (kept !== undefined) return kept;
  const made = await make();
  await stateFiles.createState(fileIn(folder, name), made, random);
  return made;
};

export const exists = async (path: string): Promise<boolean> => {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
};

/** What a person is cleared for now, as it is handed to that person's devices. */
const clearanceFile = (folder: string, person: PersonId): stateFiles.StateFile => ({
  folder: folderAt(folder),
  name: `clearance-${person}.json`,
  isPrivate: false,
});
export const readClearance = (folder: string, person: PersonId): Promise<string | undefined> =>
  stateFiles.readState(clearanceFile(folder, person));
export const keepClearance = (
  folder: string,
  person: PersonId,
  text: string,
  random: RandomBytes,
): Promise<void> => stateFiles.replaceState(clearanceFile(folder, person), text, random);

/** Makes the folder, or refuses one that others may change or that a relay lives in. */
export const makeFolder = async (folder: string): Promise<void> => {
  for (const name of FILES_OF_RELAY)
    if (await exists(join(folder, name)))
      throw new BelfryError('people.relay-folder', `a relay keeps its files in ${folder}`, {
        remedy: 'keep the authority for people on another host, or in another folder: --folder FOLDER',
      });
  await openFolder(folder);
};

export const openFolder = (folder: string): Promise<void> => stateFiles.openFolder(folderAt(folder));

/** Takes away what a killed process left half written: it may hold keys. */
export const sweep = async (folder: string): Promise<void> => {
  const ours = new Set<string>(Object.values(FILES).map(({ name }) => name));
  const names = await readdir(folder);
  const leftovers = names.filter((name) => ours.has(stateFiles.targetOfLeftover(name) ?? ''));
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })));
};
