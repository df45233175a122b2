import { BelfryError } from '../../base/errors.ts';
import type { Refusal, Result } from '../../base/result.ts';
import { pathIn } from './files.ts';

/** The value, or the refusal thrown: below the command line all refusals end the command. */
export const grantedOr = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw BelfryError.from(result.refusal);
};

export const damaged = (folder: string, name: Parameters<typeof pathIn>[1], why: string): BelfryError =>
  new BelfryError('people.damaged', `${pathIn(folder, name)} cannot be used: ${why}`, {
    remedy: 'restore the whole folder from a copy',
  });

export const none = (folder: string): BelfryError =>
  new BelfryError('people.none', `there is no authority for people in ${folder}`, {
    remedy: 'belfry ca init makes one; or name the folder with --folder',
  });

export const unfinished = (folder: string): BelfryError =>
  new BelfryError('people.unfinished', `the authority in ${folder} was not made to the end`, {
    remedy: 'belfry ca init, in the same folder, finishes it',
  });

export const brokenScale = (path: string, { code, message }: Refusal): BelfryError =>
  new BelfryError(code, `${path} cannot be used: ${message}`, { remedy: 'put that right in the file' });
