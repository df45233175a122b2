import { readFileSync } from 'node:fs';

/** Of user, nice, system, idle, iowait, irq, softirq and steal (proc(5)); guests are part of user. */
const IDLE = [3, 4];
const COLUMNS = 8;
/** USER_HZ: fixed for programs, whatever the kernel's own. */
const TICKS_PER_S = 100;

const STOLEN = 7;

/** CPU seconds of all cores of this machine, since its start. */
export interface MachineTimes {
  readonly all: number;
  /** What its programs took. */
  readonly busy: number;
  /** What its host gave to others: only a virtual machine has one. */
  readonly stolen: number;
}

/** From the text of /proc/stat. */
export const machineTimes = (text: string): MachineTimes => {
  const ticks = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, COLUMNS).map(Number);
  const secondsOf = (isCounted: (column: number) => boolean) =>
    ticks.filter((_, column) => isCounted(column)).reduce((sum, value) => sum + value, 0) / TICKS_PER_S;
  return {
    all: secondsOf(() => true),
    busy: secondsOf((column) => column !== STOLEN && !IDLE.includes(column)),
    stolen: secondsOf((column) => column === STOLEN),
  };
};

export interface MachineShare {
  /** CPU seconds of all programs, and in how long. */
  readonly cpuSeconds: number;
  readonly lastedMs: number;
  /** Of all cores, what the machine's host took away. */
  readonly stolenShare: number;
}

export const shareBetween = (before: MachineTimes, after: MachineTimes): Omit<MachineShare, 'lastedMs'> => ({
  cpuSeconds: after.busy - before.busy,
  stolenShare: after.all > before.all ? (after.stolen - before.stolen) / (after.all - before.all) : 0,
});

/** What happened since is told when it is asked for. */
export const watchMachine = (): (() => MachineShare) => {
  const now = () => machineTimes(readFileSync('/proc/stat', 'utf8'));
  const [before, startMs] = [now(), performance.now()];
  return () => ({ ...shareBetween(before, now()), lastedMs: performance.now() - startMs });
};

/** Less is in every virtual machine. */
const STOLEN_WORTH_A_WORD = 0.02;

/** `undefined` where it was nothing to speak of. */
export const stolenWords = (share: number): string | undefined =>
  share < STOLEN_WORTH_A_WORD
    ? undefined
    : `the host of this virtual machine took ${(100 * share).toFixed(0)} % of its cores away`;
