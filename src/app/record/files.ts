import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BelfryError, messageOf } from '../../base/errors.ts';

const NAME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z-(?<record>[A-Za-z0-9_-]+)\.record$/;

/** In the folder of state, beside the folder of records: the key that signs them. */
export const RECORD_KEY = 'record.pem';

export const recordFolderIn = (stateDir: string): string => join(stateDir, 'records');

/** By when it begins, so that a folder lists them in order; the id tells two of one second apart. */
export const newRecordPath = (stateDir: string, record: string, unixMs: number): string => {
  const begins = new Date(unixMs).toISOString().slice(0, 19).replaceAll(':', '-');
  return join(recordFolderIn(stateDir), `${begins}Z-${record}.record`);
};

/** The id of the record that is to be in the file `path`; `undefined` where its name was given by somebody else. */
export const recordNamedBy = (path: string): string | undefined => NAME.exec(basename(path))?.groups?.record;

/** The record `path`, or those in the folder `path`, oldest first. Throws `audit.none`. */
export const findRecords = async (path: string): Promise<readonly string[]> => {
  const found = await filesAt(path);
  if (found.length === 0)
    throw new BelfryError('audit.none', `there is no record in ${path}`, {
      remedy: 'belfry serve and demo keep them in the folder records of --state-dir',
    });
  return found;
};

const filesAt = async (path: string): Promise<string[]> => {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    return await recordsIn(path);
  } catch (cause) {
    throw new BelfryError('audit.none', `${path} cannot be read: ${messageOf(cause)}`, {
      remedy: 'name the record, or the folder of the relay with --state-dir',
      cause,
    });
  }
};

export const recordsIn = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder);
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => join(folder, name));
};
