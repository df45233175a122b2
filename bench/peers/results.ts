import type { Series } from '../rows.ts';
import type { Run, Visit } from './measure.ts';

/** What is compared, in the order of the table. */
export const PEERS = ['belfry', 'unsealed', 'mediasoup', 'unestimated', 'janus', 'floor'] as const;
export type Peer = (typeof PEERS)[number];

export const PEER_NAMES: Readonly<Record<Peer, string>> = {
  belfry: 'Belfry',
  unsealed: 'Belfry, sealing off in the clients',
  mediasoup: 'mediasoup',
  unestimated: 'mediasoup without estimation',
  janus: 'janus 1.1.2 (old)',
  floor: 'floor in C',
};

/** Whom each is divided by: the one that estimates the same. */
const BASIS: Readonly<Record<Peer, Peer | undefined>> = {
  belfry: 'mediasoup',
  unsealed: 'mediasoup',
  mediasoup: undefined,
  unestimated: 'mediasoup',
  janus: 'unestimated',
  floor: 'mediasoup',
};

/** How many there are: one figure for each in every round. */
export interface Setting {
  readonly name: string;
  /** One per phase. */
  readonly forms: readonly string[];
}

/** What one peer gave in one setting: one visit a round, absent where it failed or was skipped. */
export interface Outcomes {
  readonly setting: Setting;
  readonly peer: Peer;
  readonly visits: readonly (Visit | undefined)[];
}

const US_PER_S = 1e6;
const KIB = 1_024;
const PERCENT = 100;

const perPacket = (us: number, { counted }: Run): number => us / counted.received;
const workerUs = (run: Run): number => perPacket(run.spent.worker.us, run);
const relayUs = (run: Run): number => perPacket(run.spent.worker.us + run.spent.othersUs, run);
const userShare = ({ spent: { worker } }: Run): number =>
  worker.userTicks / Math.max(1, worker.userTicks + worker.systemTicks);

interface Measure {
  readonly name: string;
  readonly unit: string;
  /** `undefined` where a run has no such figure. */
  readonly of: (run: Run) => number | undefined;
  /** Whether dividing by another peer's means anything. */
  readonly compared: boolean;
}

export const WORKER_CPU = 'CPU of the worker per forwarded packet';

/** What the relay does besides forwarding grows with what comes in, not with how many watch. */
const besideUs = ({ spent, counted }: Run): number => spent.othersUs / counted.sent;

const MEASURES: readonly Measure[] = [
  { name: WORKER_CPU, unit: 'us', of: workerUs, compared: true },
  {
    name: 'of it in user mode, by ticks',
    unit: 'us',
    of: (run) => workerUs(run) * userShare(run),
    compared: false,
  },
  {
    name: 'of it in the kernel, by ticks',
    unit: 'us',
    of: (run) => workerUs(run) * (1 - userShare(run)),
    compared: false,
  },
  { name: 'CPU of all its processes per forwarded packet', unit: 'us', of: relayUs, compared: true },
  { name: 'CPU beside the worker per packet that came in', unit: 'us', of: besideUs, compared: false },
  {
    name: 'packets per second and core of the worker',
    unit: '1/s',
    of: (run) => US_PER_S / workerUs(run),
    compared: true,
  },
  {
    name: 'delay added, p50 of a round',
    unit: 'us',
    of: ({ counted }) => counted.delayP50Us,
    compared: true,
  },
  {
    name: 'delay added, p99 of a round',
    unit: 'us',
    of: ({ counted }) => counted.delayP99Us,
    compared: true,
  },
  {
    name: "load of the relay's core",
    unit: '%',
    of: ({ spent }) => PERCENT * spent.relayCoreBusy,
    compared: false,
  },
  {
    name: "load of the generator's core",
    unit: '%',
    of: ({ spent }) => PERCENT * spent.generatorCoreBusy,
    compared: false,
  },
];

const caseOf = (peer: Peer, setting: Setting, form?: string): string =>
  [PEER_NAMES[peer], setting.name, ...(form === undefined ? [] : [form])].join(', ');

const measured = (record: Outcomes, form: number, of: Measure['of']): number[] =>
  record.visits.flatMap((visit) => {
    const run = visit?.runs[form];
    const value = run && of(run);
    return value === undefined || !Number.isFinite(value) ? [] : [value];
  });

const againstOf = (peer: Peer, name: (basis: Peer) => string) => {
  const basis = BASIS[peer];
  return basis === undefined ? {} : { against: name(basis) };
};

const formSeries = (record: Outcomes): Series[] =>
  record.setting.forms.flatMap((form, i) =>
    MEASURES.map(({ name, unit, of, compared }) => ({
      case: caseOf(record.peer, record.setting, form),
      measure: name,
      unit,
      samples: measured(record, i, of),
      ...(compared ? againstOf(record.peer, (basis) => caseOf(basis, record.setting, form)) : {}),
    })),
  );

const visitSeries = ({ peer, setting, visits }: Outcomes): Series[] => {
  const present = visits.filter((visit) => visit !== undefined);
  const common = {
    case: caseOf(peer, setting),
    ...againstOf(peer, (basis) => caseOf(basis, setting)),
  };
  const missed = visits.length - present.length;
  return [
    // A row that says so, where there is nothing to say of what was not measured.
    {
      case: common.case,
      measure: 'rounds skipped or failed',
      unit: '1',
      samples: missed === 0 ? [] : [missed],
    },
    { ...common, measure: 'join', unit: 'ms', samples: present.flatMap(({ joinsMs }) => joinsMs) },
    {
      ...common,
      measure: 'memory of the worker per viewer',
      unit: 'KiB',
      samples: present.flatMap(({ bytesPerViewer }) =>
        bytesPerViewer === undefined ? [] : [bytesPerViewer / KIB],
      ),
    },
  ];
};

/** All processes count a relay's whole server: with Belfry, what the witness is shown and the people's signaling. */
const PAIRED = [
  { name: 'CPU of the worker', of: workerUs },
  { name: 'CPU of all its processes', of: relayUs },
] as const;

/** Of rounds that both have, what one is by the other: what disturbs a round disturbs both. */
const pairedSeries = (record: Outcomes, all: readonly Outcomes[]): Series[] => {
  const basis = BASIS[record.peer];
  const other = all.find((one) => one.peer === basis && one.setting === record.setting);
  if (basis === undefined || other === undefined) return [];
  return record.setting.forms.flatMap((form, i) =>
    PAIRED.map(({ name, of }) => ({
      case: caseOf(record.peer, record.setting, form),
      measure: `${name} by that of ${PEER_NAMES[basis]}, in one round`,
      unit: '1',
      samples: record.visits.flatMap((visit, round) => {
        const [own, theirs] = [visit?.runs[i], other.visits[round]?.runs[i]];
        return own === undefined || theirs === undefined ? [] : [of(own) / of(theirs)];
      }),
    })),
  );
};

export const seriesOf = (all: readonly Outcomes[]): Series[] =>
  all.flatMap((record) => [...formSeries(record), ...pairedSeries(record, all), ...visitSeries(record)]);

/** What one form costs all of a peer's processes, one value a round. */
export const relayCosts = (record: Outcomes, form: number): number[] => measured(record, form, relayUs);

/** More missing than this, and what was measured is an overload. */
const MAX_LOST_SHARE = 0.01;
/** Above this there is no telling whose limit was met. */
const MAX_CORE_LOAD = 0.95;
/** The generator sends late by more than a frame: bursts are then of its own making. */
const MAX_LATE_US = 33_000;

const faultsOfRun = ({ counted, spent, expected }: Run): string[] => [
  ...(counted.received < (1 - MAX_LOST_SHARE) * expected ? ['packets were lost'] : []),
  ...(counted.refused > 0 ? ['packets were not authentic'] : []),
  ...(counted.lateUs > MAX_LATE_US ? ['the generator sent late'] : []),
  ...(spent.generatorCoreBusy > MAX_CORE_LOAD ? ["the generator's core was full"] : []),
  ...(spent.relayCoreBusy > MAX_CORE_LOAD ? ["the relay's core was full"] : []),
];

/** Why a run may not be quoted: each reason once, with how many runs it holds for. */
export const faultsOf = (all: readonly Outcomes[]): string[] => {
  const found = new Map<string, number>();
  for (const { visits } of all)
    for (const run of visits.flatMap((visit) => visit?.runs ?? []))
      for (const fault of faultsOfRun(run)) found.set(fault, (found.get(fault) ?? 0) + 1);
  return [...found].map(([fault, count]) => `${fault} in ${count} runs`);
};
