import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The relay has a core to itself, and so have the publisher and all viewers. */
export const RELAY_CORE = 0;
export const GENERATOR_CORE = 1;

const US_PER_NS = 1e-3;
const KIB = 1_024;
/** USER_HZ, which Linux fixes towards programs. */
const TICKS_PER_S = 100;

const fieldsOfStat = (pid: number): readonly string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

export interface CpuTime {
  /** Of all threads, as the scheduler counted it. */
  readonly us: number;
  /** The kernel tells user and system apart by its ticks: a rough share. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

export const cpuTimeOf = (pid: number): CpuTime => {
  const fields = fieldsOfStat(pid);
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return { us: scheduledUs(pid) ?? ((userTicks + systemTicks) * 1e6) / TICKS_PER_S, userTicks, systemTicks };
};

/** Absent where the kernel was built without it. */
const scheduledUs = (pid: number): number | undefined => {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, ns) => sum + ns * US_PER_NS, 0);
  } catch {
    return undefined;
  }
};

export const residentBytesOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * KIB;

export const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(/\s+/))
    .filter((text) => text !== '')
    .map(Number);

/** Ticks of each core, busy and in all. */
export const coreTicks = (): readonly { readonly busy: number; readonly all: number }[] =>
  cpus().map(({ times: { user, nice, sys, idle, irq } }) => {
    const busy = user + nice + sys + irq;
    return { busy, all: busy + idle };
  });

/** Keeps all threads of this process, and whatever it starts, on one core. Gives what undoes it. */
export const pinSelf = (core: number): (() => void) => {
  const pid = String(process.pid);
  const told = execFileSync('taskset', ['-cp', pid], { encoding: 'utf8' });
  const before = told.slice(told.lastIndexOf(':') + 1).trim();
  const allow = (cores: string) => execFileSync('taskset', ['-acp', cores, pid], { stdio: 'ignore' });
  allow(String(core));
  return () => allow(before);
};

export const spawnPinned = (
  core: number,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess => spawn('taskset', ['-c', String(core), command, ...args], options);

export const spawnNode = (file: string, args: readonly string[], options: SpawnOptions): ChildProcess =>
  spawnPinned(
    RELAY_CORE,
    process.execPath,
    ['--disable-warning=ExperimentalWarning', file, ...args],
    options,
  );

export const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

export const stop = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGTERM');
  await ended(child);
};
