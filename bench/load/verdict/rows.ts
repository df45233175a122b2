import type { Row } from '../../result.ts';
import { rowsOf, type Series } from '../../rows.ts';
import type { RunRecord } from '../run/run.ts';
import type { FigureName } from '../scenario/schema.ts';
import type { ServerSecond } from '../server/readings.ts';
import type { Figures } from './figures.ts';
import { durationsOf } from './merged.ts';

const US_PER_S = 1e6;

/** Figures that are spread over something, as they are called in the one schema. */
const SPREADS: readonly (readonly [FigureName, string, string])[] = [
  ['join-ms', 'in the meeting, since the planned moment', 'ms'],
  ['first-frame-ms', 'first frame opened, since the planned moment', 'ms'],
  ['newcomer-heard-ms', 'newcomer opened by another, since the planned moment', 'ms'],
  ['media-back-ms', "frame opened again, since a media worker's death", 'ms'],
  ['one-way-video-ms', 'one-way delay of video', 'ms'],
  ['one-way-audio-ms', 'one-way delay of sound', 'ms'],
  ['freezes-per-minute', 'freezes of a picture', '1/min'],
  ['frozen-percent', 'time that a picture stood still', '%'],
  ['stopped-percent', 'time in which a stream was to flow and did not', '%'],
  ['loss-before-percent', 'packets missing at first', '%'],
  ['loss-after-percent', 'packets missing for good', '%'],
  ['frames-lost-percent', 'frames missing for good', '%'],
];

const GENERATOR = [
  ['began-late', 'people sent in late'],
  ['sent-late', 'frames left late'],
  ['loop-late', 'timers ran late'],
  ['group-late', 'answers about groups came late'],
] as const;

/** Idle workers forward nothing that a cost could be divided by. */
const LEAST_PACKETS = 100;

const serverSeries = (name: string, seconds: readonly ServerSecond[]): Series[] => {
  const workers = seconds.flatMap((second) =>
    second.workers.map((one) => ({ ...one, lastedSeconds: second.lastedSeconds })),
  );
  const busy = workers.filter(({ sentPackets }) => sentPackets >= LEAST_PACKETS);
  const names = [...new Set(workers.map(({ worker }) => worker))];
  return [
    {
      case: name,
      measure: 'CPU per forwarded packet',
      unit: 'us',
      samples: busy.map(({ cpuSeconds, sentPackets }) => (US_PER_S * cpuSeconds) / sentPackets),
    },
    {
      case: name,
      measure: 'CPU per forwarded packet, the whole run',
      unit: 'us',
      samples: wholeCost(workers),
    },
    ...names.map((worker) => ({
      case: `${name}, media worker ${worker}`,
      measure: 'load',
      unit: 'cores',
      samples: workers
        .filter((one) => one.worker === worker)
        .map(({ cpuSeconds, lastedSeconds }) => cpuSeconds / lastedSeconds),
    })),
    {
      case: name,
      measure: 'load of the relay process',
      unit: 'cores',
      samples: seconds.map(({ relayCpuSeconds, lastedSeconds }) => relayCpuSeconds / lastedSeconds),
    },
  ];
};

/** Metrics are read a second apart, and told later by a part of one: only over the whole run do CPU and packets belong together. */
const wholeCost = (workers: readonly ServerSecond['workers'][number][]): number[] => {
  const cpuSeconds = workers.reduce((sum, one) => sum + one.cpuSeconds, 0);
  const packets = workers.reduce((sum, { sentPackets }) => sum + sentPackets, 0);
  return packets < LEAST_PACKETS ? [] : [(US_PER_S * cpuSeconds) / packets];
};

const row = (
  name: string,
  measure: string,
  unit: string,
  spread: Omit<Row, 'case' | 'measure' | 'unit' | 'against' | 'ratio'>,
): Row => ({
  case: name,
  measure,
  unit,
  ...spread,
  against: null,
  ratio: null,
});

/** `name`: the scenario's, with what makes the run another than the usual. */
export const loadRows = (name: string, figures: Figures, record: RunRecord): Row[] => {
  const seconds = record.crews.flatMap((crew) => crew.seconds);
  const spreads = SPREADS.flatMap(([figure, measure, unit]) => {
    const { spread } = figures[figure];
    return spread === undefined ? [] : [row(name, measure, unit, spread)];
  });
  const generator = GENERATOR.flatMap(([measure, words]) => {
    const spread = durationsOf(seconds, measure).summary();
    return spread === undefined ? [] : [row('generator', words, 'ms', spread)];
  });
  return [...spreads, ...rowsOf(serverSeries(name, record.server)), ...generator];
};
