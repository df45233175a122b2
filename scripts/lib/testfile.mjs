import { relative } from 'node:path';
import { run } from 'node:test';

/** A file that takes longer hangs; every test has timeouts of its own far below. */
const FILE_TIMEOUT_MS = 5 * 60_000;

/** A crashed file's last lines on its error output tell why; more would hide them. */
const KEPT_STDERR_LINES = 40;

/**
 * @typedef {{passed: number, failed: number, skipped: number}} Counts
 * @typedef {{name: string, location: string, detail: string}} Failure
 * @typedef {{file: string, counts: Counts, failures: Failure[], durationMs: number}} FileResult
 * @typedef {{type: string, data: Record<string, any>}} TestEvent an event of node:test's stream
 */

/**
 * Collects the events of one file's run. Counts leaves only: a suite, or a test with subtests, counts through them.
 * @param {string} file
 */
export function createCollector(file) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = /** @type {Failure[]} */ ([]);
  const stderr = /** @type {string[]} */ ([]);
  const running = /** @type {string[]} */ ([]);
  /** Results seen at each depth since the last result above it: its children. */
  const childrenAt = /** @type {number[]} */ ([]);

  const fail = (
    /** @type {string} */ name,
    /** @type {Record<string, any>} */ data,
    detail = describe(data),
  ) => {
    counts.failed += 1;
    failures.push({ name, location: `${data.file ?? file}:${data.line ?? 1}`, detail });
  };

  /** @param {Record<string, any>} data @param {boolean} passed */
  function onResult(data, passed) {
    const { nesting } = data;
    const isParent = (childrenAt[nesting + 1] ?? 0) > 0;
    childrenAt[nesting + 1] = 0;
    childrenAt[nesting] = (childrenAt[nesting] ?? 0) + 1;
    const failedItself = !passed && failureType(data) !== 'subtestsFailed';
    if (isSkipped(data)) counts.skipped += 1;
    else if (failedItself) fail(data.name, data);
    else if (!isParent && data.details.type !== 'suite') counts.passed += 1;
  }

  /** The file as a whole: it fails where it crashes, exits with a status, is cut off, or holds no test at all. */
  function onFile(/** @type {Record<string, any>} */ data, /** @type {boolean} */ passed) {
    const seen = counts.passed + counts.failed + counts.skipped;
    if (passed && seen === 0) return fail('(the whole file)', { file }, 'It contains no test.');
    if (passed || failureType(data) === 'subtestsFailed') return;
    const unfinished = running.length > 0 ? [`Unfinished: ${running.join(', ')}`] : [];
    const last = stderr.slice(-KEPT_STDERR_LINES).join('\n');
    fail('(the whole file)', { file }, [fileProblem(data), ...unfinished, last].filter(Boolean).join('\n'));
  }

  return {
    /** @param {TestEvent} event */
    add({ type, data }) {
      const isFile = data.nesting === 0 && data.name === file;
      if (type === 'test:stderr') stderr.push(...data.message.trimEnd().split('\n'));
      if (type === 'test:dequeue' && !isFile) running.push(data.name);
      if (type === 'test:complete' && running.includes(data.name))
        running.splice(running.indexOf(data.name), 1);
      if (type !== 'test:pass' && type !== 'test:fail') return;
      (isFile ? onFile : onResult)(data, type === 'test:pass');
    },
    /** @param {number} durationMs @returns {FileResult} */
    result: (durationMs) => ({ file, counts, failures, durationMs }),
  };
}

/** @param {Record<string, any>} data */
function isSkipped(data) {
  return isMarked(data.skip) || isMarked(data.todo);
}

/** @param {unknown} mark absent, true, or a reason that may be empty */
function isMarked(mark) {
  return mark !== undefined && mark !== false;
}

/** @param {Record<string, any>} data */
function failureType(data) {
  return data.details?.error?.failureType;
}

/** @param {Record<string, any>} data */
function fileProblem(data) {
  if (failureType(data) === 'testAborted')
    return 'It was ended: it was interrupted, or ran longer than a file may.';
  return `It ended with exit status ${data.details?.error?.exitCode ?? '?'}, outside of any test.`;
}

/** @param {Record<string, any>} data */
function describe(data) {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  return cause?.stack ?? String(cause?.message ?? cause);
}

/**
 * Runs one test file in a process of its own.
 * @param {string} file an absolute path
 * @param {{ signal: AbortSignal, limitMs?: number }} end what ends it, and when it is ended in any case
 * @param {(text: string) => void} [onOutput] what the file itself prints
 * @returns {Promise<FileResult>}
 */
export async function runTestFile(file, { signal, limitMs = FILE_TIMEOUT_MS }, onOutput = () => {}) {
  const startedAtMs = performance.now();
  const collector = createCollector(file);
  const events = run({
    files: [file],
    signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  for await (const event of events) {
    const { type, data } = /** @type {TestEvent} */ (event);
    if (type === 'test:stdout') onOutput(data.message);
    collector.add({ type, data });
  }
  return collector.result(performance.now() - startedAtMs);
}

/**
 * @param {Counts[]} all
 * @returns {string} the run's last line
 */
export function lastLine(all) {
  const sum = (/** @type {keyof Counts} */ key) => all.reduce((total, counts) => total + counts[key], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped}`;
}

/**
 * @param {FileResult} result
 * @param {string} base the folder to which paths are given
 */
export function fileLine({ file, counts, durationMs }, base) {
  const verdict = counts.failed > 0 ? 'FAIL' : 'ok  ';
  const seconds = `${(durationMs / 1000).toFixed(1)} s`.padStart(7);
  return `${verdict} ${seconds}  ${relative(base, file)}  (${lastLine([counts])})`;
}

/** @param {Failure} failure @param {string} base */
export function failureText({ name, location, detail }, base) {
  return `  ${name}\n    at ${relative(base, location)}\n    ${detail.replaceAll('\n', '\n    ')}`;
}
