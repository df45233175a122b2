import { fstatSync, readdirSync, readlinkSync } from 'node:fs';

/** Bytes of the reserves of `path` that this process holds: open files that no folder names any more (proc(5)). */
export const heldReserves = (path: string): number[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    const isReserve = linkOf(fd) === `${path}.reserve (deleted)`;
    return isReserve ? [fstatSync(Number(fd)).size] : [];
  });

/** Absent for the one that listed them. */
const linkOf = (fd: string): string | undefined => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
};
