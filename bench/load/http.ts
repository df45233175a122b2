import autocannon from 'autocannon';
import { end, startProgram } from '../program.ts';
import { seededRandom } from '../random.ts';
import { rowsOf, type Series } from '../rows.ts';
import type { BenchOptions, Measured, Scenario } from '../scenario.ts';

/*
 * What the operator's pages cost the relay under many scrapers, beside a bare HTTP server of Node in a process of its own.
 * A sample is one round of one page: requests per second, and the 99th percentile of a request's time within it.
 */

const BARE = 'bare http';
const PAGES = ['/healthz', '/readyz', '/metrics'] as const;
const CONNECTIONS = 8;
const ROUNDS = { full: { rounds: 12, seconds: 1 }, quick: { rounds: 3, seconds: 1 } } as const;
const RELAY_ARGUMENTS = [
  'serve',
  '--port',
  '0',
  '--metrics-port',
  '0',
  '--media-port',
  '0',
  '--workers',
  '1',
];

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

const run = async (options: BenchOptions): Promise<Measured> => {
  const bare = await startProgram('bench/load/bare-http.ts', [], /port (\d+)/);
  try {
    const relay = await startProgram(
      'bin/belfry.ts',
      RELAY_ARGUMENTS,
      /(http:\/\/\S+)\/metrics[\s\S]*Serving until/,
    );
    const targets = [
      { case: BARE, url: `http://127.0.0.1:${bare.found}/` },
      ...PAGES.map((page) => ({ case: page, url: `${relay.found}${page}` })),
    ];
    return await measure(targets, options).finally(() => end(relay));
  } finally {
    await end(bare);
  }
};

export const http: Scenario = {
  summary: "the operator's pages under load, against a bare HTTP server",
  run,
};
