import type { RandomBytes } from '../../base/clock.ts';
import * as stateFiles from '../state-files.ts';

/** The relay's files. Both `.pem` with keys hold a certificate and its key, so that the two always fit. */
const FILES = {
  authority: { name: 'authority.pem', isPrivate: true },
  root: { name: 'root.pem', isPrivate: false },
  host: { name: 'relay.pem', isPrivate: true },
} as const;
type FileName = keyof typeof FILES;

const folderAt = (path: string): stateFiles.StateFolder => ({ path, flag: '--state-dir' });
const fileIn = (folder: string, name: FileName): stateFiles.StateFile => ({
  folder: folderAt(folder),
  ...FILES[name],
});

export const pathIn = (folder: string, name: FileName): string => stateFiles.pathOf(fileIn(folder, name));

export const openFolder = (folder: string): Promise<void> => stateFiles.openFolder(folderAt(folder));

export const readState = (folder: string, name: FileName): Promise<string | undefined> =>
  stateFiles.readState(fileIn(folder, name));

export const replaceState = (
  folder: string,
  name: FileName,
  text: string,
  random: RandomBytes,
): Promise<void> => stateFiles.replaceState(fileIn(folder, name), text, random);

export const createState = (
  folder: string,
  name: FileName,
  text: string,
  random: RandomBytes,
): Promise<void> => stateFiles.createState(fileIn(folder, name), text, random);
