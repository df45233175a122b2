/**
 * @typedef {{what: string, done?: number, total?: number, elapsedMs: number}} Progress
 *   `done` of `total` units; both absent where no share can be told.
 * @typedef {{update: (done?: number, total?: number, what?: string) => void, finish: (note?: string) => void}} Reporter
 */

/** On a terminal the line is rewritten this often: smooth enough, cheap enough. */
const TTY_INTERVAL_MS = 500;

/** In a log each report is a line of its own: often enough to show life, seldom enough to stay readable. */
const LOG_INTERVAL_MS = 5000;

/** An estimate from less than this share of the work is noise. */
const MIN_SHARE_TO_ESTIMATE = 0.05;

/**
 * @param {Progress} progress
 * @returns {string} e.g. "media worker: 12 of 40, 30 %, 61 s, about 142 s left"
 */
export function progressLine({ what, done, total, elapsedMs }) {
  const seconds = `${Math.round(elapsedMs / 1000)} s`;
  if (done === undefined || !total) return `${what}: ${seconds}`;
  const share = Math.min(done / total, 1);
  const parts = [`${done} of ${total}`, `${Math.floor(share * 100)} %`, seconds];
  if (share >= MIN_SHARE_TO_ESTIMATE && share < 1) {
    parts.push(`about ${Math.ceil((elapsedMs * (1 - share)) / share / 1000)} s left`);
  }
  return `${what}: ${parts.join(', ')}`;
}

/**
 * Shows one slow step's progress: rewritten in place on a terminal, a line every few seconds otherwise.
 * @param {string} what
 * @param {{stream?: NodeJS.WriteStream, now?: () => number}} [options]
 * @returns {Reporter}
 */
export function startProgress(what, { stream = process.stderr, now = Date.now } = {}) {
  const startedAtMs = now();
  /** @type {Progress} */
  const state = { what, elapsedMs: 0 };
  const show = () => {
    state.elapsedMs = now() - startedAtMs;
    stream.write(
      stream.isTTY ? `\r\x1b[K${fit(progressLine(state), stream.columns)}` : `${progressLine(state)}\n`,
    );
  };
  show();
  const timer = setInterval(show, stream.isTTY ? TTY_INTERVAL_MS : LOG_INTERVAL_MS);
  timer.unref();
  return {
    update(done, total, label = what) {
      Object.assign(state, { done, total, what: label });
    },
    finish(note = 'done') {
      clearInterval(timer);
      const line = `${what}: ${note}, ${Math.round((now() - startedAtMs) / 1000)} s`;
      stream.write(`${stream.isTTY ? '\r\x1b[K' : ''}${line}\n`);
    },
  };
}

/**
 * @param {string} line
 * @param {number | undefined} columns
 */
function fit(line, columns) {
  return columns && line.length >= columns ? line.slice(0, columns - 1) : line;
}

/**
 * Reads the counter that ninja prints before each finished edge.
 * @param {string} line
 * @returns {{done: number, total: number} | null}
 */
export function parseNinjaLine(line) {
  const match = /^\[(\d+)\/(\d+)\]/.exec(line);
  return match ? { done: Number(match[1]), total: Number(match[2]) } : null;
}

/**
 * Reads a line of apt's status channel (`APT::Status-Fd`).
 * @param {string} line
 * @returns {{percent: number, what: string} | null}
 */
export function parseAptLine(line) {
  const match = /^(dlstatus|pmstatus):[^:]*:([\d.]+):(.*)$/.exec(line);
  if (!match) return null;
  // Downloading and installing are reported as 0 to 100 each: taken together, half and half.
  const half = Number(match[2]) / 2;
  return { percent: Math.round(match[1] === 'dlstatus' ? half : 50 + half), what: match[3] ?? '' };
}
