// Runs the tests: `npm test [-- PATH-OR-PART…]`; those in test/long only where they are named. The last line is `N passed, N failed`, and `, N skipped` where any were.
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { runMain, SetupFault } from './lib/fault.mjs';
import { PROJECT_DIR } from './lib/paths.mjs';
import { failureText, fileLine, lastLine, runTestFile } from './lib/testfile.mjs';

/** @typedef {import('./lib/testfile.mjs').FileResult} FileResult */

/** Two cores are the least that the project is developed on. */
const CONCURRENCY = 2;

/** Whole programs and browsers: after the small ones, so that they do not wait for cores with them. */
const PROGRAM_FOLDERS = ['test/e2e/', 'test/native/', 'test/browser/'];

/** These measure, or load the whole machine: one at a time, after all others. */
const ALONE = [
  'test/browser/skew.test.ts',
  'test/browser/text.test.ts',
  'test/e2e/load-honesty.test.ts',
  'test/e2e/load-scenarios.test.ts',
];

/** Quick forms of benchmarks, and models at their whole length. */
const LONG_FOLDER = 'test/long/';
const LONG_LIMIT_MS = 20 * 60_000;
const isLong = (/** @type {string} */ file) => file.startsWith(LONG_FOLDER);

/** They mostly wait, and none of them measures: one after the other, in a lane of their own beside all but those alone. */
const WAITING = ['test/e2e/turn.test.ts', 'test/e2e/load-run.test.ts', 'test/e2e/load-hides-nothing.test.ts'];

/** It takes the longest: begun first, no lane is left with it at the end. */
const FIRST = ['test/browser/media.test.ts'];

/** Longer silence would look like a hang. */
const STILL_RUNNING_INTERVAL_MS = 15_000;

/**
 * @param {string[]} files paths below the project
 * @param {string[]} wanted paths or parts of paths; none: every file
 */
function selectFiles(files, wanted) {
  const parts = wanted.map((text) => relative(PROJECT_DIR, resolve(text)));
  const matches = (/** @type {string} */ file) =>
    parts.some((part, i) => file.startsWith(part) || file.includes(wanted[i] ?? ''));
  return files.filter(wanted.length === 0 ? (file) => !isLong(file) : matches).sort();
}

/** @param {string[]} files */
function stagesOf(files) {
  const isAlone = (/** @type {string} */ file) => ALONE.includes(file) || isLong(file);
  const isProgram = (/** @type {string} */ file) => PROGRAM_FOLDERS.some((folder) => file.startsWith(folder));
  const others = files.filter((file) => !isAlone(file) && !WAITING.includes(file));
  const programs = others.filter(isProgram);
  return {
    small: others.filter((file) => !isProgram(file)),
    programs: [
      ...FIRST.filter((file) => programs.includes(file)),
      ...programs.filter((file) => !FIRST.includes(file)),
    ],
    waiting: WAITING.filter((file) => files.includes(file)),
    alone: files.filter(isAlone),
  };
}

/**
 * @param {string[]} files
 * @param {number} concurrency
 * @param {(file: string) => Promise<void>} runOne
 */
async function runAll(files, concurrency, runOne) {
  const queue = files[Symbol.iterator]();
  const lane = async () => {
    for (const file of queue) await runOne(file);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

/**
 * @param {FileResult[]} results
 */
function summarize(results) {
  const failures = results.flatMap((result) => result.failures);
  if (failures.length > 0) console.log(`\nFailed:`);
  for (const failure of failures)
    console.log(`  ${relative(PROJECT_DIR, failure.location)}  ${failure.name}`);
  const ran = results.some(({ counts }) => counts.passed + counts.failed > 0);
  if (!ran) console.log('No test ran.');
  console.log(`\n${lastLine(results.map((result) => result.counts))}`);
  process.exitCode = failures.length === 0 && ran ? 0 : 1;
}

/** @returns {AbortSignal} set when this process is asked to end: the files' processes are ended, and the sum is told */
function endOnSignal() {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => controller.abort());
  return controller.signal;
}

/**
 * What tests write for a while goes into one folder, which ends with the run, whatever a test leaves behind. So does what Node
 * compiled: each of many hundreds of processes would strip and compile the same modules.
 */
function takeTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-tests-'));
  process.env.TMPDIR = folder;
  process.env.NODE_COMPILE_CACHE = join(folder, 'compiled');
  process.env.TEST_PAGES_DIR = join(folder, 'pages');
  mkdirSync(process.env.TEST_PAGES_DIR);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}

await runMain(async () => {
  const wanted = process.argv.slice(2);
  const files = selectFiles(globSync('test/**/*.test.ts', { cwd: PROJECT_DIR }), wanted);
  if (files.length === 0)
    throw new SetupFault(`No test file matches: ${wanted.join(' ') || 'test/**/*.test.ts'}`);
  process.chdir(PROJECT_DIR);
  takeTemporaryFolder();
  const signal = endOnSignal();
  const results = /** @type {FileResult[]} */ ([]);

  const runOne = async (/** @type {string} */ file) => {
    if (signal.aborted) return;
    const output = /** @type {string[]} */ ([]);
    const timer = setInterval(() => console.log(`… still running: ${file}`), STILL_RUNNING_INTERVAL_MS);
    const end = isLong(file) ? { signal, limitMs: LONG_LIMIT_MS } : { signal };
    const result = await runTestFile(join(PROJECT_DIR, file), end, (text) => output.push(text));
    clearInterval(timer);
    results.push(result);
    console.log(`[${results.length}/${files.length}] ${fileLine(result, PROJECT_DIR)}`);
    if (result.failures.length === 0) return;
    if (output.length > 0)
      console.log(`  Its output:\n    ${output.join('').trimEnd().replaceAll('\n', '\n    ')}`);
    for (const failure of result.failures) console.log(failureText(failure, PROJECT_DIR));
  };
  const stages = stagesOf(files);
  const waiting = runAll(stages.waiting, 1, runOne);
  await runAll(stages.small, CONCURRENCY, runOne);
  await runAll(stages.programs, CONCURRENCY, runOne);
  await waiting;
  await runAll(stages.alone, 1, runOne);
  summarize(results);
  if (signal.aborted) process.exitCode = 130;
});
