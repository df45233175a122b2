import { lossAfter, lossBefore, stopped } from '../report/stretches.ts';
import type { LoadRecord, TimelineSecond } from '../result.ts';

/** What two runs are compared by. */
export interface Compared {
  readonly measure: string;
  readonly unit: string;
  /** A few large values say nothing of most; of rare events most values are nothing. */
  readonly by: 'median' | 'mean';
  /** In the order of time. */
  readonly samples: readonly number[];
}

const LEAST_PACKETS = 100;
const US_PER_S = 1e6;

const seconds = (load: LoadRecord, of: (second: TimelineSecond) => number | null | undefined): number[] =>
  load.timeline.filter(({ second }) => second < load.lastedSeconds).flatMap((second) => of(second) ?? []);

const workers = (
  load: LoadRecord,
  of: (
    worker: LoadRecord['serverTimeline'][number]['workers'][number],
    lastedSeconds: number,
  ) => number | undefined,
): number[] =>
  load.serverTimeline.flatMap((second) =>
    second.workers.flatMap((one) => of(one, second.lastedSeconds) ?? []),
  );

/** Of people the value of each, of what goes on the value of each second. */
export const samplesOf = (load: LoadRecord): Compared[] => [
  { measure: 'in the meeting', unit: 'ms', by: 'median', samples: load.joinsMs },
  { measure: 'first frame opened', unit: 'ms', by: 'median', samples: load.firstFramesMs },
  {
    measure: 'one-way delay of video, p50 of a second',
    unit: 'ms',
    by: 'median',
    samples: seconds(load, ({ durations }) => durations['one-way-video']?.p50),
  },
  {
    measure: 'one-way delay of video, p95 of a second',
    unit: 'ms',
    by: 'median',
    samples: seconds(load, ({ durations }) => durations['one-way-video']?.p95),
  },
  {
    measure: 'one-way delay of sound, p95 of a second',
    unit: 'ms',
    by: 'median',
    samples: seconds(load, ({ durations }) => durations['one-way-audio']?.p95),
  },
  {
    measure: 'newcomers opened, p95 of a second',
    unit: 'ms',
    by: 'median',
    samples: seconds(load, ({ durations }) => durations['newcomer-heard']?.p95),
  },
  {
    measure: 'packets missing at first',
    unit: '%',
    by: 'mean',
    samples: seconds(load, ({ added }) => lossBefore(added)),
  },
  {
    measure: 'packets missing for good',
    unit: '%',
    by: 'mean',
    samples: seconds(load, ({ added }) => lossAfter(added)),
  },
  {
    measure: 'freezes in a second',
    unit: '1',
    by: 'mean',
    samples: seconds(load, ({ added }) => added.freezes),
  },
  {
    measure: 'pictures stood still, in a second',
    unit: 'ms',
    by: 'mean',
    samples: seconds(load, ({ added }) => added.frozenMs),
  },
  {
    measure: 'streams that were to flow and did not',
    unit: '%',
    by: 'mean',
    samples: seconds(load, ({ added }) => stopped(added)),
  },
  {
    measure: 'CPU per forwarded packet',
    unit: 'us',
    by: 'median',
    samples: workers(load, ({ cpuSeconds, sentPackets }) =>
      sentPackets < LEAST_PACKETS ? undefined : (US_PER_S * cpuSeconds) / sentPackets,
    ),
  },
  {
    measure: 'load of a media worker',
    unit: 'cores',
    by: 'median',
    samples: workers(load, ({ cpuSeconds }, lastedSeconds) => cpuSeconds / lastedSeconds),
  },
];
