// Runs published test vectors through the project's public functions: `npm run vectors -- FILE…`. One line per case
// that fails; the last line is `N passed, N failed`. Status 0: all passed, 1: some failed, 2: nothing could be run.
import { readFileSync } from 'node:fs';
import { messageOf } from '../../src/base/errors.ts';
import { type Result, refuse } from '../../src/base/result.ts';
import { failureOf, type VectorCase } from './check.ts';
import { readVectors } from './format.ts';

const USAGE = 'npm run vectors -- FILE…   (files in the JSON format of the SFrame or the MLS working group)';

const readFile = (file: string): Result<readonly VectorCase[]> => {
  try {
    return readVectors(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse('vectors.unreadable', messageOf(error), 'check the path');
  }
};

/** Every file is read before any case runs: a mistyped name must not look like a pass. */
const readAll = (files: readonly string[]): readonly VectorCase[] | undefined => {
  const read = files.map((file) => ({ file, vectors: readFile(file) }));
  for (const { file, vectors } of read) {
    if (vectors.ok) continue;
    const { code, message, remedy } = vectors.refusal;
    console.error(`${file}: ${message} (${code})${remedy === undefined ? '' : `; ${remedy}`}`);
  }
  if (read.some(({ vectors }) => !vectors.ok)) return undefined;
  return read.flatMap(({ file, vectors }) =>
    vectors.ok ? vectors.value.map((one) => ({ ...one, name: `${file} ${one.name}` })) : [],
  );
};

const runAll = async (cases: readonly VectorCase[]): Promise<number> => {
  const failures: string[] = [];
  for (const one of cases) {
    const failure = await failureOf(one);
    if (failure !== undefined) failures.push(failure);
  }
  for (const failure of failures) console.log(failure);
  console.log(`${cases.length - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
};

const main = async (files: readonly string[]): Promise<number> => {
  if (files.length === 0) {
    console.error(`No vector file was named. ${USAGE}`);
    return 2;
  }
  if (files.some((file) => file === '--help' || file === '-h')) {
    console.log(USAGE);
    return 0;
  }
  const cases = readAll(files);
  return cases === undefined ? 2 : runAll(cases);
};

process.exitCode = await main(process.argv.slice(2));
