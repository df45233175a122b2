import type { PathRecord, Second } from '../crew/messages.ts';
import { stolenWords } from '../run/machine-time.ts';
import type { RunRecord } from '../run/run.ts';
import type { Judged } from './figures.ts';
import { durationsOf, mergeSeconds, sumCounts } from './merged.ts';

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
/** Of all frames that were to be opened, so many may have come before a key that the generator had late. */
const OWN_LATE_SHARE = 0.001;
/** Of those that did not open, the generator's part must be larger than this, or they are held against the relay. */
const OWN_PART = 0.5;
/** Of all packets on impaired paths, so many may have been dropped for want of room to hold them. */
const UNHELD_SHARE = 0.001;
/** A single stall of this length stops pictures by itself (see `Freezes`), and no p99 of a run shows it. */
const STALL_MS = 100;
const MS_PER_S = 1_000;
/** Of all freezes: where more of them fall into stalls, a criterion that they miss says nothing of the server. */
const OWN_FREEZES_SHARE = 0.5;

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

/** What waits for a key and is worse by a late one, never better: only where it is missed does it matter whose the lateness was. */
const WAIT_FOR_KEYS: ReadonlySet<Judged['criterion']['figure']> = new Set([
  'first-frame-ms',
  'newcomer-heard-ms',
  'frames-lost-percent',
  'freezes-per-minute',
  'frozen-percent',
]);

/** `frames-refused` leaves out the generator's own, and so rests on how many these are, met or missed. */
const restsOnKeys = ({ criterion: { figure }, passed }: Judged): boolean =>
  figure === 'frames-refused' || (!passed && WAIT_FOR_KEYS.has(figure));

/** Of the worst process each, where it is about processes. */
export const checksOf = (
  { crews }: RunRecord,
  plannedVisits: number,
  criteria: readonly Judged[],
): Check[] => {
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
    check('frames not sent', percent(worst(seconds, unsentShare)), percent(1 - LEAST_SENT_SHARE), '%'),
    check(
      'packets dropped in front of the generator',
      percent(worst(seconds, dropsShare)),
      percent(DROPS_SHARE),
      '%',
    ),
    check(
      'frames whose key it had late',
      criteria.some(restsOnKeys) ? percent(worst(seconds, ownLateShare)) : 0,
      percent(OWN_LATE_SHARE),
      '%',
    ),
    check(
      'packets that an impaired path could not hold',
      percent(Math.max(0, ...crews.flatMap(({ paths }) => paths).map(unheldShare))),
      percent(UNHELD_SHARE),
      '%',
    ),
  ];
};

const unsentShare = (seconds: readonly Second[]): number => {
  const { framesDue, framesSent } = sumCounts(seconds.map(({ added }) => added));
  return ratio(framesDue - framesSent, framesDue);
};

/** Of the worse direction: loss that nobody set. */
const unheldShare = ({ up, down }: PathRecord): number =>
  Math.max(ratio(up.unheld, up.packets), ratio(down.unheld, down.packets));

/** None where most of what did not open is the relay's: at the edges of its fault the generator was late as well, and that decides nothing. */
const ownLateShare = (seconds: readonly Second[]): number => {
  const { framesOwnLate, framesOpened, ...counts } = sumCounts(seconds.map(({ added }) => added));
  const refused = counts.framesRefused - counts.framesBefore;
  return framesOwnLate <= OWN_PART * refused ? 0 : ratio(framesOwnLate, framesOpened + refused);
};

const dropsShare = (seconds: readonly Second[]): number => {
  const { drops, videoPackets, audioPackets, countedPackets } = sumCounts(seconds.map(({ added }) => added));
  return ratio(drops, drops + videoPackets + audioPackets + countedPackets);
};

type Merged = ReturnType<typeof mergeSeconds>[number];

const stallMs = ({ durations }: Merged): number =>
  Math.max(
    0,
    ...(['loop-late', 'sent-late'] as const).map((measure) => {
      const late = durations.get(measure);
      return late === undefined || late.count === 0 ? 0 : late.at(1);
    }),
  );

/** The seconds in or right after which a process of the generator stood still: all that a stall of its length reaches into. */
const reachedByStalls = (seconds: readonly Merged[]): Set<number> =>
  new Set(
    seconds.flatMap((second, i) => {
      const ms = stallMs(second);
      return ms < STALL_MS ? [] : Array.from({ length: Math.ceil(ms / MS_PER_S) + 1 }, (_, nth) => i + nth);
    }),
  );

/** All of something, and of it what the generator's stalls may have brought about. */
interface Shared {
  readonly all: number;
  readonly own: number;
  readonly words: string;
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** Figures of pictures that stand still. What a stall began may last: an estimate that fell for it takes long to rise again. */
const FROZEN = {
  'freezes-per-minute': (
    _record: RunRecord,
    seconds: readonly Merged[],
    own: ReadonlySet<number>,
  ): Shared => {
    const count = (some: readonly Merged[]) => sumOf(some, ({ added }) => added.freezes);
    return { all: count(seconds), own: count(seconds.filter((_, i) => own.has(i))), words: 'freezes came' };
  },
  'frozen-percent': ({ crews }: RunRecord, _seconds: readonly Merged[], own: ReadonlySet<number>): Shared => {
    const freezes = crews.flatMap(({ streams }) => streams).flatMap(({ frozen }) => frozen);
    const lasted = (some: typeof freezes) => sumOf(some, ({ ms }) => ms);
    const ofOwn = freezes.filter(({ fromSecond }) => own.has(fromSecond));
    return { all: lasted(freezes), own: lasted(ofOwn), words: 'ms of standing pictures began' };
  },
} as const;
const isOfFrozen = (figure: string): figure is keyof typeof FROZEN => Object.hasOwn(FROZEN, figure);

/** Why a run that missed a criterion of freezes may not be held against the server; none where it may. */
export const ownFreezes = (record: RunRecord, criteria: readonly Judged[]): string[] => {
  const seconds = mergeSeconds(record.crews.map((crew) => crew.seconds));
  const own = reachedByStalls(seconds);
  const missed = criteria.flatMap(({ criterion: { figure }, passed }) =>
    passed || !isOfFrozen(figure) ? [] : [figure],
  );
  return [...new Set(missed)].flatMap((figure) => reasonOf(FROZEN[figure](record, seconds, own)));
};

const reasonOf = ({ all, own, words }: Shared): string[] =>
  own <= OWN_FREEZES_SHARE * all
    ? []
    : [
        `the generator was the limit: ${own.toFixed(0)} of ${all.toFixed(0)} ${words} while it stood still itself`,
      ];

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/** Why the run may not be quoted; none where it may. */
export const invalidReasons = (record: RunRecord, checks: readonly Check[]): string[] => {
  const reasons = ownReasons(record, checks);
  const stolen = stolenWords(record.stolenShare);
  return reasons.length === 0 || stolen === undefined ? reasons : [...reasons, stolen];
};

const ownReasons = (record: RunRecord, checks: readonly Check[]): string[] => [
  ...(record.wasInterrupted ? ['it was ended before its time'] : []),
  ...record.crews.flatMap(({ broken }) => broken ?? []),
  ...checks
    .filter(({ holds }) => !holds)
    .map(
      ({ name, value, most, unit }) =>
        `the generator was the limit: ${name}: ${digits(value)} ${unit}, at most ${digits(most)}`,
    ),
];
