import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BelfryError } from '../../../src/base/errors.ts';

/** Debian's package and what it links that a server seldom has. They are unpacked beside the system, not installed. */
const PACKAGES = [
  'janus',
  'libconfig9',
  'libgssdp-1.6-0',
  'libgupnp-1.6-0',
  'libgupnp-igd-1.0-4',
  'liblua5.3-0',
  'libmicrohttpd12',
  'libnanomsg5',
  'libnice10',
  'libpaho-mqtt1.3',
  'libproxy1v5',
  'librabbitmq4',
  'libsofia-sip-ua0',
  'libsoup-3.0-0',
  'libusrsctp2',
  'libwebsockets17',
] as const;
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

export interface JanusPackage {
  readonly program: string;
  readonly libraries: string;
}

const cacheFolder = (): string => {
  const { BELFRY_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  return own ?? join(shared ?? join(homedir(), '.cache'), 'belfry');
};

const download = (root: string): void => {
  const packages = `${root}.packages`;
  mkdirSync(packages, { recursive: true });
  execFileSync('apt-get', ['download', '-qq', ...PACKAGES], { cwd: packages, stdio: 'ignore' });
  for (const file of readdirSync(packages)) execFileSync('dpkg', ['-x', join(packages, file), `${root}.new`]);
  renameSync(`${root}.new`, root);
  rmSync(packages, { recursive: true, force: true });
};

/** Found in the cache, or fetched from Debian into it. Throws `bench.no-janus` where neither goes. */
export const findJanus = (): JanusPackage => {
  const root = join(cacheFolder(), 'janus-1.1.2');
  const program = join(root, 'usr/bin/janus');
  try {
    if (!existsSync(program)) download(root);
  } catch (cause) {
    throw new BelfryError('bench.no-janus', 'its packages could not be had from Debian', { cause });
  }
  return { program, libraries: join(root, LIBRARIES) };
};
