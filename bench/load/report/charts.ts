import { Durations } from '../measure/histogram.ts';
import type { LoadRecord, LoadResult, TimelineSecond } from '../result.ts';
import { planOf } from '../scenario/plan.ts';
import { lossAfter, lossBefore, stopped } from './stretches.ts';

/** One drawing: lines over a common axis. What was not measured is `null`, a gap. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

const MS_PER_S = 1_000;
const US_PER_S = 1e6;
/** Beyond the last one a percentile is the largest value under another name. */
const PERCENTILES = [...Array.from({ length: 100 }, (_, i) => i), 99.5, 99.9, 100];
const LEAST_PACKETS = 100;

const cumulative = (values: readonly number[]): number[] => {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
};

const overTime = (load: LoadRecord, title: string, yLabel: string, lines: readonly Line[]): Chart => ({
  title,
  xLabel: 'seconds',
  yLabel,
  x: load.timeline.map(({ second }) => second + 1),
  lines,
});

const each = (load: LoadRecord, name: string, of: (second: TimelineSecond) => number | null): Line => ({
  name,
  values: load.timeline.map(of),
});

type Measure = keyof LoadRecord['histograms'];
const spread = (load: LoadRecord, measure: Measure, at: 'p50' | 'p95' | 'max', name: string): Line =>
  each(load, name, ({ durations }) => durations[measure]?.[at] ?? null);

const joins = ({ load, seed }: LoadResult): Chart => {
  const plan = planOf(load.scenario, seed);
  const planned = plan.ok ? plan.value.visits.map(({ joinAtMs }) => joinAtMs / MS_PER_S) : [];
  const counted = (name: 'joined' | 'failed') => cumulative(load.timeline.map(({ added }) => added[name]));
  return overTime(load, 'Joins over time', 'people', [
    {
      name: 'planned',
      values: load.timeline.map(({ second }) => planned.filter((at) => at <= second + 1).length),
    },
    { name: 'joined', values: counted('joined') },
    { name: 'failed', values: counted('failed') },
    each(load, 'present', ({ present }) => present),
  ]);
};

const distribution = (
  load: LoadRecord,
  title: string,
  lines: readonly (readonly [string, Measure])[],
): Chart => ({
  title,
  xLabel: 'percentile',
  yLabel: 'ms',
  x: PERCENTILES,
  lines: lines.flatMap(([name, measure]) => {
    const text = load.histograms[measure];
    if (text === undefined) return [];
    const durations = Durations.decoded(text);
    return [{ name, values: PERCENTILES.map((percentile) => durations.at(percentile / 100)) }];
  }),
});

const workersOf = ({ serverTimeline }: LoadRecord): string[] => [
  ...new Set(serverTimeline.flatMap(({ workers }) => workers.map(({ worker }) => worker))),
];

type ServerSecond = LoadRecord['serverTimeline'][number];
type WorkerSecond = ServerSecond['workers'][number];

const server = (load: LoadRecord, title: string, yLabel: string, lines: readonly Line[]): Chart => ({
  title,
  xLabel: 'seconds',
  yLabel,
  x: load.serverTimeline.map(({ second }) => second + 1),
  lines,
});

const perWorker = (
  load: LoadRecord,
  of: (worker: WorkerSecond, second: ServerSecond) => number | null,
): Line[] =>
  workersOf(load).map((name) => ({
    name: `worker ${name}`,
    values: load.serverTimeline.map((second) => {
      const worker = second.workers.find((one) => one.worker === name);
      return worker === undefined ? null : of(worker, second);
    }),
  }));

const costPerPacket = ({ cpuSeconds, sentPackets }: WorkerSecond): number | null =>
  sentPackets < LEAST_PACKETS ? null : (US_PER_S * cpuSeconds) / sentPackets;

/** What was told while everybody left belongs to no second of the run. */
const withoutEnd = (load: LoadRecord): LoadRecord => ({
  ...load,
  timeline: load.timeline.filter(({ second }) => second < load.lastedSeconds),
});

/** Every drawing of a result; those without a value are left out. */
export const chartsOf = (whole: LoadResult): Chart[] => {
  const load = withoutEnd(whole.load);
  const result = { ...whole, load };
  const charts = [
    joins(result),
    distribution(load, 'Time to get in, since the planned moment', [
      ['in the meeting', 'join'],
      ['first frame opened', 'first-frame'],
    ]),
    overTime(load, 'Time to first frame, by the second in which it came', 'ms', [
      spread(load, 'first-frame', 'p50', 'p50'),
      spread(load, 'first-frame', 'p95', 'p95'),
      spread(load, 'first-frame', 'max', 'max'),
    ]),
    overTime(load, 'One-way delay', 'ms', [
      spread(load, 'one-way-video', 'p50', 'video p50'),
      spread(load, 'one-way-video', 'p95', 'video p95'),
      spread(load, 'one-way-video', 'max', 'video max'),
      spread(load, 'one-way-audio', 'p50', 'sound p50'),
      spread(load, 'one-way-audio', 'p95', 'sound p95'),
    ]),
    distribution(load, 'One-way delay, the whole run', [
      ['video', 'one-way-video'],
      ['sound', 'one-way-audio'],
    ]),
    overTime(load, 'Packets lost, before and after repair', '%', [
      each(load, 'missing at first', ({ added }) => lossBefore(added)),
      each(load, 'missing for good', ({ added }) => lossAfter(added)),
    ]),
    overTime(load, 'Freezes', 'in a second, all pictures', [
      each(load, 'freezes', ({ added }) => added.freezes),
    ]),
    overTime(load, 'Time that pictures stood still', 'ms in a second, all pictures', [
      each(load, 'stood still', ({ added }) => added.frozenMs),
    ]),
    overTime(load, 'Streams that were to flow and did not', '%', [
      each(load, 'stopped', ({ added }) => stopped(added)),
    ]),
    overTime(load, 'New keys: newcomers opened by others', 'in a second', [
      each(load, 'newcomers opened', ({ added }) => added.newcomersHeard),
    ]),
    overTime(load, 'New keys: from the planned moment until opened', 'ms', [
      spread(load, 'newcomer-heard', 'p50', 'p50'),
      spread(load, 'newcomer-heard', 'p95', 'p95'),
    ]),
    server(load, 'CPU per forwarded packet', 'us', perWorker(load, costPerPacket)),
    server(load, 'Load of the server', 'cores', [
      ...perWorker(load, ({ cpuSeconds }, { lastedSeconds }) => cpuSeconds / lastedSeconds),
      {
        name: 'relay process',
        values: load.serverTimeline.map(
          ({ relayCpuSeconds, lastedSeconds }) => relayCpuSeconds / lastedSeconds,
        ),
      },
    ]),
    server(
      load,
      'Packets forwarded',
      '1/s',
      perWorker(load, ({ sentPackets }, { lastedSeconds }) => sentPackets / lastedSeconds),
    ),
    overTime(load, "The generator's own load", 'cores', generatorLines(load)),
    overTime(load, "The generator's own lateness, p95", 'ms', [
      spread(load, 'sent-late', 'p95', 'frames left'),
      spread(load, 'loop-late', 'p95', 'timers ran'),
      spread(load, 'began-late', 'p95', 'people sent in'),
      spread(load, 'group-late', 'p95', 'answers about groups'),
    ]),
  ];
  return charts.filter(({ lines }) =>
    lines.some(({ values }) => values.some((value) => value !== null && value !== 0)),
  );
};

const generatorLines = ({ timeline, processes }: LoadRecord): Line[] =>
  Array.from({ length: processes }, (_, i) => ({
    name: `process ${i + 1}`,
    values: timeline.map(({ generatorCpu }) => generatorCpu[i] ?? null),
  }));
