import type { Second } from '../crew/messages.ts';
import type { RunRecord } from '../run/run.ts';
import { durationsOf, sumCounts } from './merged.ts';

/*
 * Whether the generator did what the plan says, in time. Where it did not, what was measured is its own slowness: the run is
 * invalid, whatever the server did.
 */

/** What anybody would notice of people who come, frames that leave and packets that are read later than they should. */
const LATE_MS = 50;
/** Of a core: above it a process of one thread has no room for what comes at once. */
const BUSY_SHARE = 0.95;
/** Of all seconds, so many may be busy: a start of many at once is. */
const BUSY_SECONDS_SHARE = 0.2;
/** Of all frames that fell due, so many must have left. */
const LEAST_SENT_SHARE = 0.99;
/** Of all packets that came to a socket that is read, so many may have been dropped in front of it. */
const DROPS_SHARE = 0.001;

/** One question to the generator. */
export interface Check {
  readonly name: string;
  readonly value: number;
  readonly most: number;
  readonly unit: string;
  readonly holds: boolean;
}

const check = (name: string, value: number, most: number, unit: string): Check => ({
  name,
  value,
  most,
  unit,
  holds: value <= most,
});

const worst = (crews: readonly (readonly Second[])[], of: (seconds: readonly Second[]) => number): number =>
  Math.max(0, ...crews.map(of));

const p99 = (measure: Parameters<typeof durationsOf>[1]) => (seconds: readonly Second[]) => {
  const durations = durationsOf(seconds, measure);
  return durations.count === 0 ? 0 : durations.at(0.99);
};

/** The last one is cut short: a share of it means nothing. */
const busyShare = (seconds: readonly Second[]): number => {
  const whole = seconds.slice(0, -1);
  return whole.length === 0
    ? 0
    : whole.filter(({ cpuSeconds }) => cpuSeconds > BUSY_SHARE).length / whole.length;
};

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Of the worst process each, where it is about processes. */
export const checksOf = ({ crews }: RunRecord, plannedVisits: number): Check[] => {
  const seconds = crews.map((crew) => crew.seconds);
  const sums = sumCounts(seconds.flat().map(({ added }) => added));
  const percent = (value: number) => 100 * value;
  return [
    check('people sent in late, p99', worst(seconds, p99('began-late')), LATE_MS, 'ms'),
    check('frames left late, p99', worst(seconds, p99('sent-late')), LATE_MS, 'ms'),
    check('timers ran late, p99', worst(seconds, p99('loop-late')), LATE_MS, 'ms'),
    check(
      'seconds without a free core',
      percent(worst(seconds, busyShare)),
      percent(BUSY_SECONDS_SHARE),
      '%',
    ),
    check('people not sent in', percent(ratio(plannedVisits - sums.began, plannedVisits)), 0, '%'),
    check(
      'frames not sent',
      percent(ratio(sums.framesDue - sums.framesSent, sums.framesDue)),
      percent(1 - LEAST_SENT_SHARE),
      '%',
    ),
    check(
      'packets dropped in front of the generator',
      percent(ratio(sums.drops, sums.drops + sums.videoPackets + sums.audioPackets + sums.countedPackets)),
      percent(DROPS_SHARE),
      '%',
    ),
  ];
};

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/** Why the run may not be quoted; none where it may. */
export const invalidReasons = (record: RunRecord, checks: readonly Check[]): string[] => [
  ...(record.wasInterrupted ? ['it was ended before its time'] : []),
  ...record.crews.flatMap(({ broken }) => broken ?? []),
  ...checks
    .filter(({ holds }) => !holds)
    .map(
      ({ name, value, most, unit }) =>
        `the generator was the limit: ${name}: ${digits(value)} ${unit}, at most ${digits(most)}`,
    ),
];
