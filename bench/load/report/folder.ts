import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/base/errors.ts';
import { ok, type Result, refuse } from '../../../src/base/result.ts';
import { type LoadResult, loadResult } from '../result.ts';
import { reportHtml } from './html.ts';

const RESULT = 'result.json';
const REPORT = 'report.html';

const writeHtml = (folder: string, result: LoadResult): string => {
  const path = join(folder, REPORT);
  writeFileSync(path, reportHtml(result));
  return path;
};

/** Answers where the report is. */
export const writeReport = (folder: string, result: LoadResult): string => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, RESULT), `${JSON.stringify(loadResult.parse(result), null, 1)}\n`);
  return writeHtml(folder, result);
};

export const readResult = (folder: string): Result<LoadResult> => {
  const path = join(folder, RESULT);
  try {
    const parsed = loadResult.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return ok(parsed.data);
    const [issue] = parsed.error.issues;
    return refuse(
      'load.no-result',
      `${path} is no result of a load run: ${issue?.path.join('.')}: ${issue?.message}`,
      'a result of another version has other figures: read it with that one, or measure again',
    );
  } catch (error) {
    return refuse(
      'load.no-result',
      `${path} cannot be read: ${messageOf(error)}`,
      'name the folder of a run',
    );
  }
};

/** Makes the page anew from the result. */
export const remakeReport = (
  folder: string,
): Result<{ readonly path: string; readonly result: LoadResult }> => {
  const read = readResult(folder);
  return read.ok ? ok({ path: writeHtml(folder, read.value), result: read.value }) : read;
};
