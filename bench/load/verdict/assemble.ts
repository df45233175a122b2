import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { commitFact, machineFacts, PROJECT_DIR } from '../../facts.ts';
import { SCHEMA } from '../../result.ts';
import { MEASURES, type Second } from '../crew/messages.ts';
import type { Durations } from '../measure/histogram.ts';
import type { LoadRecord, LoadResult, TimelineSecond } from '../result.ts';
import { stolenWords } from '../run/machine-time.ts';
import type { RunRecord } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import type { FormName, Scenario } from '../scenario/schema.ts';
import { type Figures, figuresOf, type Judged, judged } from './figures.ts';
import { checksOf, invalidReasons, ownFreezes } from './generator.ts';
import { KEYS_NOTES } from './keys-note.ts';
import { durationsOf, mergeSeconds, sumCounts } from './merged.ts';
import { loadRows } from './rows.ts';

export interface Assembly {
  readonly scenario: Scenario;
  readonly form: FormName;
  readonly plan: Plan;
  readonly seed: number;
  readonly processes: number;
  readonly server: LoadRecord['server'];
  readonly record: RunRecord;
  readonly date: string;
}

const VERSIONS = ['mediasoup', 'werift', 'hdr-histogram-js'] as const;

const versionOf = (name: string): string => {
  const text = readFileSync(join(PROJECT_DIR, 'node_modules', name, 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
};

const versions = (): Record<string, string> => ({
  node: process.versions.node,
  openssl: process.versions.openssl,
  ...Object.fromEntries(VERSIONS.map((name) => [name, versionOf(name)])),
});

/** What was measured and what it means, in the one schema. */
export const assemble = (assembly: Assembly): LoadResult => {
  const { scenario, plan, seed, record, date, server } = assembly;
  const figures = figuresOf(record);
  const criteria = judged(figures, scenario.passes);
  const checks = checksOf(record, plan.visits.length, criteria);
  const why = [...invalidReasons(record, checks), ...ownFreezes(record, criteria)];
  const name = server.share < 1 ? `${scenario.name}, scaled to ${server.share} of a core` : scenario.name;
  return {
    schema: SCHEMA,
    name: `load ${scenario.name}`,
    date,
    commit: commitFact(),
    machine: machineFacts(),
    seed,
    valid: why.length === 0,
    why: why.length === 0 ? null : why.join('; '),
    rows: loadRows(name, figures, record),
    load: { ...loadOf(assembly, figures), checks: [...checks] },
  };
};

const loadOf = (
  { scenario, form, plan, processes, server, record }: Assembly,
  figures: Figures,
): Omit<LoadRecord, 'checks'> => {
  const seconds = record.crews.flatMap((crew) => crew.seconds);
  const criteria = judged(figures, scenario.passes);
  const othersCores = server.kind === 'own' ? othersCoresOf(record) : null;
  const visits = record.crews.flatMap((crew) => crew.visits).sort((a, b) => a.index - b.index);
  return {
    scenario,
    form,
    people: plan.people,
    visits: plan.visits.length,
    processes,
    lastedSeconds: record.lastedMs / 1_000,
    othersCores,
    stolenShare: record.stolenShare,
    server,
    versions: versions(),
    passed: criteria.every(({ passed }) => passed),
    criteria: criteria.map(criterionRecord),
    counts: { ...sumCounts(seconds.map(({ added }) => added)) },
    codes: tally(visits.flatMap(({ codes }) => codes)),
    refusedFrames: sumByCode(record.crews.map(({ refusedByCode }) => refusedByCode)),
    paths: pathsOf(record),
    histograms: histogramsOf(seconds),
    joinsMs: visits.flatMap(({ joinMs }) => joinMs ?? []),
    firstFramesMs: visits.flatMap(({ firstFrameMs }) => firstFrameMs ?? []),
    timeline: timelineOf(record),
    serverTimeline: record.server.map((second) => ({
      ...second,
      workers: second.workers.map((one) => ({ ...one })),
    })),
    notes: [...notesOf(scenario, plan, server, othersCores), ...stolenNote(record)],
  };
};

const criterionRecord = ({ criterion, value, passed }: Judged): LoadRecord['criteria'][number] => ({
  figure: criterion.figure,
  at: criterion.at,
  most: criterion.most ?? null,
  least: criterion.least ?? null,
  value: value ?? null,
  passed,
});

const tally = (codes: readonly string[]): Record<string, number> =>
  sumByCode(codes.map((code) => ({ [code]: 1 })));

const sumByCode = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const one of all)
    for (const [code, count] of Object.entries(one)) sums[code] = (sums[code] ?? 0) + count;
  return sums;
};

type PathTotals = LoadRecord['paths'][number];
const addLanes = (a: PathTotals['up'], b: PathTotals['up']): PathTotals['up'] => ({
  packets: a.packets + b.packets,
  lost: a.lost + b.lost,
  overflowed: a.overflowed + b.overflowed,
  unheld: a.unheld + b.unheld,
});

/** The stretches of all processes, which change at the same moments. */
const pathsOf = ({ crews }: RunRecord): PathTotals[] => {
  const byStart = new Map<number, PathTotals>();
  for (const { fromSecond, up, down } of crews.flatMap((crew) => crew.paths)) {
    const known = byStart.get(fromSecond);
    byStart.set(
      fromSecond,
      known === undefined
        ? { fromSecond, up: { ...up }, down: { ...down } }
        : { fromSecond, up: addLanes(known.up, up), down: addLanes(known.down, down) },
    );
  }
  return [...byStart.values()].sort((a, b) => a.fromSecond - b.fromSecond);
};

const histogramsOf = (seconds: readonly Second[]): LoadRecord['histograms'] =>
  Object.fromEntries(
    MEASURES.map((name) => [name, durationsOf(seconds, name)] as const)
      .filter(([, { count }]) => count > 0)
      .map(([name, durations]) => [name, durations.encoded()]),
  );

const spreadOf = (durations: Durations) => ({
  p50: durations.at(0.5),
  p95: durations.at(0.95),
  max: durations.at(1),
});

const timelineOf = ({ crews }: RunRecord): TimelineSecond[] =>
  mergeSeconds(crews.map((crew) => crew.seconds)).map(({ second, present, added, durations }) => ({
    second,
    present,
    added: { ...added },
    durations: Object.fromEntries(
      [...durations].filter(([, { count }]) => count > 0).map(([name, one]) => [name, spreadOf(one)]),
    ),
    generatorCpu: crews.map((crew) => crew.seconds[second]?.cpuSeconds ?? 0),
  }));

/** Where other programs took much of the machine, a slow run says little of anybody. */
const othersCoresOf = ({ crews, server, watchedMs, machineCpuSeconds, ownCpuSeconds }: RunRecord): number => {
  const generator = crews
    .flatMap(({ seconds }) => seconds)
    .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const relay = server.reduce(
    (sum, { relayCpuSeconds, workers }) =>
      sum + relayCpuSeconds + workers.reduce((all, { cpuSeconds }) => all + cpuSeconds, 0),
    0,
  );
  return Math.max(0, (machineCpuSeconds - generator - relay - ownCpuSeconds) / (watchedMs / 1_000));
};

/** Of all cores: more is worth a word. */
const OTHERS_WORTH_A_WORD = 0.05;

const othersNote = (cores: number | null): string[] =>
  cores === null || cores < OTHERS_WORTH_A_WORD * availableParallelism()
    ? []
    : [
        `Other programs of this machine took ${cores.toFixed(2)} of its ${availableParallelism()} cores meanwhile.`,
      ];

const stolenNote = ({ stolenShare }: RunRecord): string[] => {
  const words = stolenWords(stolenShare);
  return words === undefined ? [] : [`Meanwhile ${words}.`];
};

const notesOf = (
  scenario: Scenario,
  { people }: Plan,
  server: LoadRecord['server'],
  othersCores: number | null,
): string[] => [
  `${people.full} full, ${people.light} light, ${people.ghost} ghosts; ${KEYS_NOTES[scenario.keys]}.`,
  ...(people.light > 0
    ? [
        `Light participants open 1 of ${scenario.lightOpensOneOf} streams after its first frame, and count the packets of the others.`,
      ]
    : []),
  ...(people.ghost > 0
    ? ['Ghosts leave their sockets unread: what the kernel dropped there is what they received.']
    : []),
  ...(server.kind === 'own'
    ? ['Generator and server share the machine: compare ratios of one run, not figures of two machines.']
    : []),
  ...(server.share < 1
    ? [`Scaled: each media worker ran for ${server.share} of the time, in a duty cycle of 10 ms.`]
    : []),
  ...othersNote(othersCores),
  ...(server.readingsMissed > 0
    ? [`${server.readingsMissed} readings of the server's metrics did not come.`]
    : []),
  'Sound that is sent again looks like late sound: what was missing at first is told of video, and of streams that are only counted.',
];
