import { isId } from '../../../src/base/ids.ts';
import { stateDirOf } from '../../../src/config/state-dir.ts';
import { type Flag, type FlagValues, textOf, UsageError } from '../../command-line.ts';

/** Beside the relay's, not in it: the relay never holds this authority's keys. */
const defaultFolder = (): string => `${stateDirOf(process.env)}-people`;

export const FOLDER_FLAG = {
  placeholder: 'FOLDER',
  help: "where the authority for people is kept; by default the relay's folder of state with -people behind it",
} as const satisfies Flag;

export const folderOf = (flags: FlagValues): string => textOf(flags, 'folder') ?? defaultFolder();

/** An id as typed, or status 2. */
export const idOf = (text: string, path: string): string => {
  if (isId(text)) return text;
  throw new UsageError(path, `${JSON.stringify(text)} is no id: 1 to 64 characters of A-Z a-z 0-9 _ -`);
};
