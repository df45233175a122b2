import {
  type CpuTime,
  coreTicks,
  cpuTimeOf,
  GENERATOR_CORE,
  RELAY_CORE,
  residentBytesOf,
} from './processes.ts';
import { type Counted, type Load, runLoad } from './rig.ts';
import type { Cast, Stage } from './stage.ts';

/** What the machine did between two moments. */
interface Spent {
  readonly worker: CpuTime;
  readonly othersUs: number;
  readonly relayCoreBusy: number;
  readonly generatorCoreBusy: number;
}

/** One form of one peer in one round. */
export interface Run {
  readonly counted: Counted;
  readonly spent: Spent;
  /** What should have arrived. */
  readonly expected: number;
}

export interface Visit {
  readonly runs: readonly Run[];
  readonly joinsMs: readonly number[];
  readonly bytesPerViewer: number | undefined;
}

const minus = (last: CpuTime, first: CpuTime): CpuTime => ({
  us: last.us - first.us,
  userTicks: last.userTicks - first.userTicks,
  systemTicks: last.systemTicks - first.systemTicks,
});

const look = (stage: Stage) => ({
  worker: cpuTimeOf(stage.worker),
  othersUs: stage.others.reduce((sum, pid) => sum + cpuTimeOf(pid).us, 0),
  cores: coreTicks(),
});
type Look = ReturnType<typeof look>;

const busyBetween = (first: Look, last: Look, core: number): number => {
  const [from, to] = [first.cores[core], last.cores[core]];
  if (from === undefined || to === undefined) return Number.NaN;
  return (to.busy - from.busy) / Math.max(1, to.all - from.all);
};

const between = (first: Look, last: Look): Spent => ({
  worker: minus(last.worker, first.worker),
  othersUs: last.othersUs - first.othersUs,
  relayCoreBusy: busyBetween(first, last, RELAY_CORE),
  generatorCoreBusy: busyBetween(first, last, GENERATOR_CORE),
});

const watchOf = (stage: Stage) => {
  let first = look(stage);
  return {
    begin() {
      first = look(stage);
    },
    end: () => between(first, look(stage)),
  };
};

export interface Measuring {
  readonly rig: string;
  readonly cast: Cast;
  readonly load: Load;
}

/** What the worker grew by since the first viewer came, histories of sent packets included. */
const bytesPerViewerOf = ({ worker, residentBytes, viewers }: Stage): number | undefined =>
  residentBytes === undefined ? undefined : (residentBytesOf(worker) - residentBytes) / viewers.length;

/** Opens the stage, runs all phases on it and closes it again. */
export const visit = async (open: () => Promise<Stage>, { rig, cast, load }: Measuring): Promise<Visit> => {
  const stage = await open();
  try {
    const found = await runLoad(rig, stage, load, watchOf(stage));
    const copies = cast.meets ? cast.publishers - 1 : cast.viewers;
    return {
      runs: found.map(({ counted, watched }) => ({
        counted,
        spent: watched,
        expected: counted.sent * copies,
      })),
      joinsMs: stage.joinsMs,
      bytesPerViewer: bytesPerViewerOf(stage),
    };
  } finally {
    await stage.close();
  }
};
