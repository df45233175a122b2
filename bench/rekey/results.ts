import type { Series } from '../rows.ts';
import { summarize } from '../stats.ts';
import { type Change, gapsOfJoin, gapsOfLeave } from './changes.ts';
import type { Storm } from './storm.ts';
import { SUITE_NAMES, type Suite } from './suites.ts';
import type { Together } from './together.ts';

/** What was measured at one size with one suite. */
export interface Case {
  readonly suite: Suite;
  readonly size: number;
  /** Members with a device; the others take the bytes and acknowledge. */
  readonly real: number;
  readonly leaves: Change[];
  readonly joins: Change[];
  /** Downloads that were tried again. */
  retries: number;
  readonly problems: string[];
}

type What = 'leave' | 'join';

/** Says in the result who computed. */
const nameOf = (what: What, { size, real }: Case, suite: Suite): string =>
  `${what}, ${size} members of whom ${real} compute, ${SUITE_NAMES[suite]}`;

const UNTIL: Readonly<Record<What, string>> = {
  leave: 'sends under the new keys',
  join: 'opens under the new keys',
};

const GAPS = { leave: gapsOfLeave, join: gapsOfJoin } as const;

const MEASURES = (what: What, changes: readonly Change[]) =>
  [
    [`critical path until a member ${UNTIL[what]}`, 'ms', changes.flatMap(({ pathMs }) => pathMs)],
    [
      'critical path until the last sampled member sends under the new keys',
      'ms',
      changes.map(({ lastSendsMs }) => lastSendsMs),
    ],
    ['until a committer is asked', 'ms', changes.map(({ askMs }) => askMs)],
    ['committer computes and brings the commit', 'ms', changes.map(({ createMs }) => createMs)],
    ['from its word to the bytes at a member', 'ms', changes.flatMap(({ fanOutMs }) => fanOutMs)],
    ['member processes, alone', 'ms', changes.flatMap(({ processMs }) => processMs)],
    ['processor time of a member', 'ms', changes.flatMap(({ processCpuMs }) => processCpuMs)],
    ['processor time of the committer', 'ms', changes.map(({ createCpuMs }) => createCpuMs)],
    ['bytes to a member', 'B', changes.flatMap(({ takerBytes }) => takerBytes)],
    ['bytes in all', 'B', changes.map(({ allBytes }) => allBytes)],
  ] as const;

const seriesOfCase = (what: What, one: Case): Series[] => {
  const changes = what === 'leave' ? one.leaves : one.joins;
  const against = one.suite === 'x25519' ? {} : { against: nameOf(what, one, 'x25519') };
  const series = MEASURES(what, changes).map(([measure, unit, samples]) => ({
    case: nameOf(what, one, one.suite),
    measure,
    unit,
    samples,
    ...against,
  }));
  const gap = { case: nameOf(what, one, one.suite), measure: 'gap in decodable media, computed', unit: 'ms' };
  return [...series, { ...gap, samples: changes.flatMap(GAPS[what]), ...against }];
};

const seriesOfTogether = ({ suite, size, leavesMs, joinsMs }: Together): Series[] => {
  const measure = 'wall time until the last member sends under the new keys';
  const series = (what: What, samples: readonly number[]): Series => {
    const name = (of: Suite) => `${what}, up to ${size} members who all compute here, ${SUITE_NAMES[of]}`;
    const against = suite === 'x25519' ? {} : { against: name('x25519') };
    return { case: name(suite), measure, unit: 'ms', samples, ...against };
  };
  return [series('leave', leavesMs), series('join', joinsMs)];
};

const seriesOfStorm = ({ suite, here, coming, withinMs, insideMs, lastInsideMs }: Storm): Series[] => {
  const name = (of: Suite) =>
    `${coming} join ${here} within ${withinMs / 1_000} s, most of whom take bytes, ${SUITE_NAMES[of]}`;
  const against = suite === 'x25519' ? {} : { against: name('x25519') };
  const about = { case: name(suite), unit: 'ms', ...against };
  return [
    { ...about, measure: 'until one is inside', samples: insideMs },
    { ...about, measure: 'until the last one is inside', samples: [lastInsideMs] },
  ];
};

export const seriesOf = (
  cases: readonly Case[],
  all: readonly Together[],
  storms: readonly Storm[],
): Series[] => [
  ...cases.flatMap((one) => [...seriesOfCase('leave', one), ...seriesOfCase('join', one)]),
  ...all.flatMap(seriesOfTogether),
  ...storms.flatMap(seriesOfStorm),
];

/** What a leave may take at most, p99, at these sizes in a filled tree. */
const AIMS_MS: ReadonlyMap<number, number> = new Map([
  [50, 150],
  [200, 500],
  [500, 1_500],
]);

const aimOf = ({ size, suite, leaves }: Case): string[] => {
  const aimMs = AIMS_MS.get(size);
  const summary = summarize(leaves.map(({ lastSendsMs }) => lastSendsMs));
  if (aimMs === undefined || summary === undefined) return [];
  const word = summary.p99 < aimMs ? 'held' : 'missed';
  return [
    `leave at ${size}, ${SUITE_NAMES[suite]}, until the last sampled member sends: p99 ${summary.p99.toFixed(0)} ms, the longest of ${summary.n}, aim ${aimMs} ms, ${word}`,
  ];
};

/** A hundred who come within five seconds are all inside by then. */
const STORM_AIM_MS = 8_000;
const STORM_AIM_COMING = 100;

const stormAimOf = ({ suite, coming, withinMs, lastInsideMs }: Storm): string[] => {
  if (coming < STORM_AIM_COMING) return [];
  const word = lastInsideMs < STORM_AIM_MS ? 'held' : 'missed';
  return [
    `${coming} come within ${withinMs / 1_000} s, ${SUITE_NAMES[suite]}: the last inside after ${(lastInsideMs / 1_000).toFixed(1)} s, aim ${STORM_AIM_MS / 1_000} s, ${word}`,
  ];
};

const retriesOf = ({ size, suite, retries }: Case): string[] =>
  retries === 0
    ? []
    : [
        `${size} members, ${SUITE_NAMES[suite]}: ${retries} downloads failed and were tried again 200 ms later`,
      ];

export const notesOf = (cases: readonly Case[], storms: readonly Storm[]): string[] => [
  ...cases.flatMap(retriesOf),
  ...cases.flatMap(aimOf),
  ...storms.flatMap(stormAimOf),
  'Critical path: question, commit, relay and bytes as they come, then each member’s own work, measured alone. Members without a device take the bytes and say so; who is asked of them passes the question to a member with one. The tree is filled before, by real commits of half of its leaves.',
  'Not in the path: deriving the keys of frames, the look at who is let in that stands before them, and the way to a browser’s worker and back. Of a picture nothing is seen until a key frame, which each sender begins its new keys with and receivers ask for: that is not in the computed gap.',
  'After a join a member seals once all others opened (told in batches of 60 ms), or after a second. The gap is computed from the paths of each two members. Everything shares the cores of one machine.',
];
