import { readdirSync, readFileSync } from 'node:fs';

/** Short, so that what is held up is held up for less than a frame; shorter would cost more than it holds back. */
const PERIOD_MS = 10;

/** Programs that `pid` started, by /proc (proc(5)); none where it has ended. */
export const childrenOf = (pid: number): number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
};

const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended: nothing is left to hold.
    }
  }
};

/**
 * Lets processes run for `share` of the time only, by stopping them in each period. Returns what lets them run freely again.
 * Coarser than a cgroup, and needs no rights: a result of it is called scaled.
 */
export const holdTo = (pids: readonly number[], share: number): (() => void) => {
  let timer: NodeJS.Timeout;
  const run = () => {
    signal(pids, 'SIGCONT');
    timer = setTimeout(stop, PERIOD_MS * share);
  };
  const stop = () => {
    signal(pids, 'SIGSTOP');
    timer = setTimeout(run, PERIOD_MS * (1 - share));
  };
  if (share < 1) run();
  return () => {
    clearTimeout(timer);
    signal(pids, 'SIGCONT');
  };
};
