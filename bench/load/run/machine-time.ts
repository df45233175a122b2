import { readFileSync } from 'node:fs';

/** Of user, nice, system, idle, iowait, irq, softirq and steal (proc(5)); guests are part of user. */
const IDLE = [3, 4];
const COLUMNS = 8;
/** USER_HZ: fixed for programs, whatever the kernel's own. */
const TICKS_PER_S = 100;

/** CPU seconds that all programs of this machine took, from the text of /proc/stat; those stolen by its host among them. */
export const busySeconds = (text: string): number => {
  const ticks = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, COLUMNS).map(Number);
  return ticks.filter((_, i) => !IDLE.includes(i)).reduce((sum, value) => sum + value, 0) / TICKS_PER_S;
};

export const machineBusySeconds = (): number => busySeconds(readFileSync('/proc/stat', 'utf8'));
