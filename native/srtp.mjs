import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../scripts/lib/command.mjs';
import { queryPackages } from './inputs.mjs';

/** A mirror that does not answer must not hold the build up for long: the packaged library is at hand. */
const FETCH_TIMEOUT_SECONDS = 20;

/** Where apt keeps its sources. */
const APT_DIR = '/etc/apt';

/**
 * Fetches the source package of Debian's libsrtp2, in the very version whose headers are installed, through apt and
 * so with its signatures checked. It is kept: later builds need no network.
 * @param {string} cache
 * @returns {Promise<{dir: string, version: string} | {problem: string}>}
 */
export async function fetchSrtpSource(cache) {
  const version = sourceVersion();
  const dir = join(cache, `libsrtp2-${version}`);
  const upstreamVersion = version.replace(/-[^-]*$/, '');
  if (existsSync(dir)) return { dir, version: upstreamVersion };
  const scratch = join(cache, `libsrtp2-source.${process.pid}`);
  try {
    const { code, tail } = await download(scratch, version);
    const unpacked =
      existsSync(scratch) && readdirSync(scratch).find((name) => /^libsrtp2-[\d.]+$/.test(name));
    if (code !== 0 || !unpacked) return { problem: tail.split('\n').slice(-3).join('\n') };
    renameSync(join(scratch, unpacked), dir);
    return { dir, version: upstreamVersion };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns {string} the version of the source package from which the installed libsrtp2-dev was made */
function sourceVersion() {
  return queryPackages(['source:Version'], ['libsrtp2-dev'])[0]?.[0] ?? '';
}

/**
 * @param {string} scratch
 * @param {string} version
 */
async function download(scratch, version) {
  const lists = join(scratch, 'lists');
  for (const folder of [
    join(scratch, 'sources'),
    join(lists, 'partial'),
    join(scratch, 'cache', 'archives', 'partial'),
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  copySources(join(scratch, 'sources'));
  const options = Object.entries({
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(scratch, 'sources'),
    'Dir::State::lists': lists,
    'Dir::Cache': join(scratch, 'cache'),
    'APT::Sandbox::User': 'root',
    'Acquire::http::Timeout': FETCH_TIMEOUT_SECONDS,
    'Acquire::https::Timeout': FETCH_TIMEOUT_SECONDS,
    'Acquire::Retries': 1,
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const env = { ...process.env, LC_ALL: 'C' };
  // Some other list of the machine may fail here; whether the source package came is what counts.
  await runCommand(['apt-get', ...options, 'update'], { env });
  return runCommand(['apt-get', ...options, 'source', `libsrtp2=${version}`], { cwd: scratch, env });
}

/**
 * Writes this machine's own apt sources again, asking for source packages.
 * @param {string} target
 */
function copySources(target) {
  const parts = join(APT_DIR, 'sources.list.d');
  const files = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  for (const file of [join(APT_DIR, 'sources.list'), ...files]) {
    const convert = file.endsWith('.sources')
      ? stanzasToSource
      : file.endsWith('.list')
        ? linesToSource
        : null;
    if (convert && existsSync(file)) {
      writeFileSync(
        join(target, file.slice(APT_DIR.length + 1).replace('/', '-')),
        convert(readFileSync(file, 'utf8')),
      );
    }
  }
}

/**
 * @param {string} text a file of apt sources in the stanza form (deb822)
 * @returns {string} the same places, for source packages
 */
export function stanzasToSource(text) {
  return text.replace(/^Types:.*$/gim, 'Types: deb-src');
}

/**
 * @param {string} text a file of apt sources in the one-line form
 * @returns {string} the same places, for source packages
 */
export function linesToSource(text) {
  const lines = text.split('\n').filter((line) => /^deb\s/.test(line));
  return lines.map((line) => `${line.replace(/^deb/, 'deb-src')}\n`).join('');
}
