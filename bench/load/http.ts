import autocannon from 'autocannon';
import { end, startProgram } from '../program.ts';
import { seededRandom } from '../random.ts';
import type { Row } from '../result.ts';
import { rowsOf, type Series } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';
import { openBackground, openIdle } from './background.ts';
import type { RunRecord } from './run/run.ts';
import { durationsOf, sumCounts } from './verdict/merged.ts';

/*
 * What the operator's pages cost the relay under many scrapers, beside a bare HTTP server of Node in a process of its own:
 * of a relay that has nothing else to do, and of one in which a meeting goes on.
 * A sample is one round of one page: requests per second, and the 99th percentile of a request's time within it.
 */

const BARE = 'bare http';
const PAGES = ['/healthz', '/readyz', '/metrics'] as const;
const CONNECTIONS = 8;
const ROUNDS = {
  full: { rounds: 12, seconds: 1, participants: 8 },
  quick: { rounds: 3, seconds: 1, participants: 3 },
} as const;
/** Longer than all rounds take. */
const MEETING_SECONDS = 600;

interface Target {
  readonly case: string;
  readonly url: string;
}

interface Sample {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly failed: number;
}

const fire = async ({ url }: Target, seconds: number): Promise<Sample> => {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds });
  return {
    requestsPerSecond: result.requests.average,
    p99Ms: result.latency.p99,
    failed: result.errors + result.timeouts + result.non2xx,
  };
};

const seriesOf = (name: string, samples: readonly Sample[]): Series[] => {
  const against = name === BARE ? {} : { against: BARE };
  return [
    {
      case: name,
      measure: 'throughput',
      unit: '1/s',
      samples: samples.map((one) => one.requestsPerSecond),
      ...against,
    },
    { case: name, measure: 'p99 of a round', unit: 'ms', samples: samples.map((one) => one.p99Ms) },
  ];
};

const measure = async (targets: readonly Target[], { quick, seed }: BenchOptions): Promise<Measured> => {
  const { rounds, seconds } = quick ? ROUNDS.quick : ROUNDS.full;
  const random = seededRandom(seed);
  const samples = new Map(targets.map((target): [string, Sample[]] => [target.case, []]));
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}, ${targets.length} pages of ${seconds} s each`);
    for (const target of random.shuffled([...targets]))
      samples.get(target.case)?.push(await fire(target, seconds));
  }
  const failed = [...samples.values()].flat().reduce((sum, one) => sum + one.failed, 0);
  return {
    rows: rowsOf([...samples].flatMap(([name, list]) => seriesOf(name, list))),
    valid: failed === 0,
    why: failed === 0 ? null : `${failed} requests failed`,
    notes: ['Generator and servers share the cores: compare the ratios, not the rates.'],
  };
};

const pagesOf = (metrics: string, name: (page: string) => string): Target[] =>
  PAGES.map((page) => ({ case: name(page), url: new URL(page, metrics).href }));

/** What the meeting's people saw of it. */
export const delaysOf = ({ crews }: RunRecord): Row[] => {
  const seconds = crews.flatMap((crew) => crew.seconds);
  return (['one-way-video', 'one-way-audio'] as const).flatMap((measure) => {
    const spread = durationsOf(seconds, measure).summary();
    const words = measure === 'one-way-video' ? 'one-way delay of video' : 'one-way delay of sound';
    return spread === undefined
      ? []
      : [{ case: 'the meeting', measure: words, unit: 'ms', ...spread, against: null, ratio: null }];
  });
};

/** A meeting that fell apart is none: then the run says nothing of one. */
export const withFault = (measured: Measured, { crews }: RunRecord): Measured => {
  const broken = crews.flatMap((crew) => crew.broken ?? []);
  const outside = crews.flatMap(({ visits }) => visits).filter(({ joinMs }) => joinMs === undefined);
  const { fellOut, rejoins } = sumCounts(crews.flatMap(({ seconds }) => seconds.map(({ added }) => added)));
  const told = (count: number, words: string) => (count === 0 ? [] : [`${count} ${words}`]);
  const why = [
    ...(measured.why === null ? [] : [measured.why]),
    ...broken,
    ...told(outside.length, 'people were not in the meeting'),
    ...told(fellOut, 'people fell out of the meeting'),
    ...told(rejoins, 'sessions of the meeting were lost'),
  ];
  return { ...measured, valid: why.length === 0, why: why.length === 0 ? null : why.join('; ') };
};

const run = async (options: BenchOptions): Promise<Measured> => {
  const { participants } = options.quick ? ROUNDS.quick : ROUNDS.full;
  const closing: (() => Promise<void>)[] = [];
  try {
    const bare = await startProgram('bench/load/bare-http.ts', [], /port (\d+)/);
    closing.push(() => end(bare));
    const wanted = { participants, seconds: MEETING_SECONDS, seed: options.seed };
    const idle = await openIdle(wanted);
    closing.push(() => idle.close());
    const meeting = await openBackground(wanted);
    closing.push(() => meeting.close());
    const targets = [
      { case: BARE, url: `http://127.0.0.1:${bare.found}/` },
      ...pagesOf(idle.metrics ?? '', (page) => page),
      ...pagesOf(meeting.metrics, (page) => `${page}, a meeting of ${participants} going on`),
    ];
    const measured = await measure(targets, options);
    const record = await meeting.end();
    return withFault({ ...measured, rows: [...measured.rows, ...delaysOf(record)] }, record);
  } finally {
    for (const close of closing.reverse()) await close();
  }
};

export const http: Scenario = {
  summary: "the operator's pages under load, idle and with a meeting, against a bare HTTP server",
  run,
};
