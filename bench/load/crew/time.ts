import { readFileSync } from 'node:fs';

/** Milliseconds of the machine's monotonic clock (CLOCK_MONOTONIC): the same in all of its processes. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What turns times of `performance.now()` in this process into those of `monotonicMs`. */
export const monotonicOffsetMs = (): number => monotonicMs() - performance.now();

const FNV_PRIME = 0x01000193;
const FNV_START = 0x811c9dc5;

/** Names the monotonic clock of this boot of this machine: FNV-1a of the kernel's boot id. */
export const clockName = (): number => {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id');
  return bootId.reduce((hash, byte) => Math.imul(hash ^ byte, FNV_PRIME), FNV_START) >>> 0;
};
