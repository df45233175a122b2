import { setTimeout as sleep } from 'node:timers/promises';
import { toBase64Url } from '../../../src/base/bytes.ts';
import { secureRandomBytes } from '../../../src/base/platform.ts';
import type { CrewOrder, DevicePlace, Rehearsal, Second } from '../crew/messages.ts';
import { clockName, monotonicMs } from '../crew/time.ts';
import type { Plan, Visit } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/schema.ts';
import { ServerReadings, type ServerSecond } from '../server/readings.ts';
import type { Server } from '../server/server.ts';
import { CrewProcess, type CrewRecord } from './crews.ts';
import { watchMachine } from './machine-time.ts';
import { sharesOf } from './shares.ts';

/** From the order to the first moment of the plan: clips are read and timers set by then. */
const LEAD_MS = 700;
const SECOND_MS = 1_000;
const SECRET_BYTES = 32;

export interface RunOptions {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly seed: number;
  readonly processes: number;
  readonly server: Server;
  readonly onSecond: (second: Second, process: number) => void;
  /** Ends the run early; what was done until then is told all the same. */
  readonly signal: AbortSignal;
}

/** All that a run measured, before anybody judges it. */
export interface RunRecord {
  readonly crews: readonly CrewRecord[];
  readonly server: readonly ServerSecond[];
  readonly serverReadingsMissed: number;
  /** How long it ran, from the first moment of the plan. */
  readonly lastedMs: number;
  readonly wasInterrupted: boolean;
  /** CPU seconds of all programs of this machine meanwhile, and of the run's own process. */
  readonly machineCpuSeconds: number;
  /** How long that was watched: participants are told what to do before the first moment of the plan. */
  readonly watchedMs: number;
  /** Of its cores, what a virtual machine's host took away meanwhile. */
  readonly stolenShare: number;
  readonly ownCpuSeconds: number;
}

/** Carries out a plan. Throws where it does not come to a start. */
export const runPlan = async (options: RunOptions): Promise<RunRecord> => {
  const { processes, onSecond, plan, signal } = options;
  const shares = sharesOf(plan.visits, processes);
  const rehearsal = rehearsalOf(options);
  const crews = shares.map((share, i) => {
    const devices = placesOf(share, options.server);
    return new CrewProcess({ devices, rehearsal }, (second) => onSecond(second, i));
  });
  const readings =
    options.server.metrics === undefined ? undefined : new ServerReadings(options.server.metrics);
  try {
    await Promise.all(crews.map(({ ready }) => ready));
    const startMs = monotonicMs() + LEAD_MS;
    const cpu = watchCpu();
    const secrets = options.scenario.keys === 'group' ? undefined : options.server.links.map(newSecret);
    for (const [i, crew] of crews.entries())
      crew.start({ ...orderOf(options, shares[i] ?? [], startMs), secrets });
    const endKilling = killWorkers(options, startMs);
    const watching = new AbortController();
    const watched = readings && watch(readings, startMs, watching.signal);
    const wasInterrupted = !(await passes(startMs + plan.endMs - monotonicMs(), signal));
    endKilling();
    const lastedMs = monotonicMs() - startMs;
    const spent = cpu();
    const records = await endAll(crews);
    watching.abort();
    await watched;
    return {
      crews: records,
      server: readings?.seconds ?? [],
      serverReadingsMissed: readings?.missed ?? 0,
      lastedMs: Math.max(0, lastedMs),
      wasInterrupted,
      ...spent,
    };
  } catch (error) {
    await endAll(crews);
    throw error;
  }
};

/** One meeting for all processes: they meet in it before anything is measured. */
const rehearsalOf = ({ scenario, server }: RunOptions): Rehearsal | undefined =>
  server.rehearsal === undefined
    ? undefined
    : { link: server.rehearsal, secret: scenario.keys === 'group' ? undefined : newSecret() };

/** At their planned moments; answers what keeps those from happening that are still to come. */
const killWorkers = ({ plan, server }: RunOptions, startMs: number): (() => void) => {
  const kills = plan.faults.filter(({ kind }) => kind === 'kill-worker');
  const timers = kills.map(({ atSeconds }) =>
    setTimeout(() => server.killWorker?.(), startMs + atSeconds * SECOND_MS - monotonicMs()),
  );
  return () => timers.forEach(clearTimeout);
};

const watchCpu = () => {
  const [machine, own] = [watchMachine(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(own);
    const { cpuSeconds, stolenShare, lastedMs: watchedMs } = machine();
    return { machineCpuSeconds: cpuSeconds, watchedMs, stolenShare, ownCpuSeconds: (user + system) / 1e6 };
  };
};

const endAll = (crews: readonly CrewProcess[]): Promise<CrewRecord[]> =>
  Promise.all(crews.map((crew) => crew.end()));

/** Whether it passed without being asked to stop. */
const passes = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(Math.max(0, ms), true, { signal }).catch(() => false);

const watch = async (readings: ServerReadings, startMs: number, signal: AbortSignal): Promise<void> => {
  for (let second = 0; !signal.aborted; second++) {
    if (!(await passes(startMs + second * SECOND_MS - monotonicMs(), signal))) return;
    await readings.read(second - 1);
  }
};

/** One for each person, however often it comes. */
const placesOf = (visits: readonly Visit[], { devices }: Server): DevicePlace[] =>
  [...new Set(visits.map(({ person }) => person))].map((person) => ({
    person,
    folder: devices[person] ?? '',
  }));

const orderOf = (
  { plan, server, scenario, seed }: RunOptions,
  visits: readonly Visit[],
  startMs: number,
): Omit<CrewOrder, 'secrets'> => ({
  kind: 'start',
  visits,
  plannedMs: plan.visits.map(({ joinAtMs }) => joinAtMs),
  senders: plan.visits.filter(isSender).map(({ index, meeting, sends, leaveAtMs }) => ({
    index,
    meeting,
    video: sends.cameraLayers > 0,
    always: sends.cameraLayers > 0 || sends.microphone === 'always',
    leaveAtMs,
  })),
  endMs: plan.endMs,
  links: server.links,
  faults: plan.faults,
  scenario: { lightOpensOneOf: scenario.lightOpensOneOf, retry: scenario.retry },
  seed,
  clock: clockName(),
  startMs,
});

const newSecret = (): string => toBase64Url(secureRandomBytes(SECRET_BYTES));

const isSender = ({ sends }: Visit): boolean => sends.cameraLayers > 0 || sends.microphone !== 'off';
