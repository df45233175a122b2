import { readFileSync, statSync } from 'node:fs';
import { bad, type Finding, good, weak } from './finding.ts';

const NEEDED_NODE_MAJOR = 24;

export const judgeNode = (version: string): Finding => {
  const major = Number.parseInt(version.replace(/^v/, ''), 10);
  return major >= NEEDED_NODE_MAJOR
    ? good(`Node ${version}`)
    : bad(
        `Node ${version} is older than ${NEEDED_NODE_MAJOR}`,
        'start with npm, which sets the right Node up',
      );
};

/** One descriptor per attached client and a handful per worker: below this a crisis-size meeting could not attach. */
const WANTED_DESCRIPTORS = 10_000;

/** `limits`: the text of /proc/self/limits. */
export const judgeDescriptors = (limits: string): Finding => {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return weak('the limit of open files is not known', 'run on Linux');
  if (soft === 'unlimited' || Number(soft) >= WANTED_DESCRIPTORS) return good(`${soft} open files allowed`);
  return weak(
    `only ${soft} open files allowed: one per attached client`,
    `ulimit -n ${WANTED_DESCRIPTORS}, or LimitNOFILE= in the service's unit`,
  );
};

export interface BufferLimit {
  readonly name: string;
  readonly wantedBytes: number;
  readonly allowedBytes: number;
}

export const judgeBuffers = (limits: readonly BufferLimit[]): Finding => {
  const short = limits.filter(({ wantedBytes, allowedBytes }) => allowedBytes < wantedBytes);
  if (short.length === 0)
    return good(limits.map(({ name, allowedBytes }) => `${name} ${allowedBytes} bytes`).join(', '));
  return weak(
    short
      .map(
        ({ name, wantedBytes, allowedBytes }) =>
          `${name} allows ${allowedBytes} bytes, ${wantedBytes} are asked for: bursts will be dropped`,
      )
      .join('; '),
    `sysctl -w ${short.map(({ name, wantedBytes }) => `${name}=${wantedBytes}`).join(' ')}`,
  );
};

/** A clock before the program's own files is wrong, and would refuse or accept invitations wrongly. */
export const judgeClock = (nowUnixMs: number, newestFileUnixMs: number): Finding =>
  nowUnixMs >= newestFileUnixMs
    ? good(new Date(nowUnixMs).toISOString())
    : bad(
        `the clock says ${new Date(nowUnixMs).toISOString()}, before this program was installed`,
        'set the clock, and let a time server of your network keep it',
      );

export const checkDescriptors = (): Finding => judgeDescriptors(readText('/proc/self/limits'));

export const checkClock = (): Finding =>
  judgeClock(Date.now(), statSync(new URL('../../../package.json', import.meta.url)).mtimeMs);

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
