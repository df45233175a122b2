import { isId } from '../../../src/base/ids.ts';
import { stateDirOf } from '../../../src/config/state-dir.ts';
import { type Flag, type FlagValues, UsageError } from '../../command-line.ts';

/** Beside the relay's, not in it: the relay never holds this authority's keys. */
const defaultFolder = (): string => `${stateDirOf(process.env)}-people`;

export const FOLDER_FLAG = {
  placeholder: 'FOLDER',
  help: "where the authority for people is kept; by default the relay's folder of state with -people behind it",
} as const satisfies Flag;

export const textOf = (flags: FlagValues, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};

export const listOf = (flags: FlagValues, name: string): readonly string[] => {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
};

export const folderOf = (flags: FlagValues): string => textOf(flags, 'folder') ?? defaultFolder();

/** An id as typed, or status 2. */
export const idOf = (text: string, path: string): string => {
  if (isId(text)) return text;
  throw new UsageError(path, `${JSON.stringify(text)} is no id: 1 to 64 characters of A-Z a-z 0-9 _ -`);
};

export const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);
export const minuteOf = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
