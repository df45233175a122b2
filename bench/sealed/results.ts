import {
  type Difference,
  differencesOf,
  freezeSeries,
  KEYS_NOTE,
  MEASURES,
  type Measure,
  samplesOf,
} from '../browser/freezes.ts';
import type { Arm, Freezes } from '../browser/pairs.ts';
import { type Losses, type Round, routeInWords } from '../browser/rounds.ts';
import { type Interval, meanOf } from '../paired.ts';
import type { Random } from '../random.ts';
import type { Series } from '../rows.ts';

const perLost =
  (of: (round: Round) => number) =>
  (round: Round): number =>
    of(round) / Math.max(1, round.lost);

/** What must agree. A NACK names several packets, so there may be fewer of them than losses. */
export const AGREEING = {
  freezes: MEASURES.freezes,
  frozen: MEASURES.frozen,
  concealed: MEASURES.concealed,
  nacks: {
    name: 'NACKs by packets lost',
    unit: '%',
    of: perLost(({ lossy }) => 100 * lossy.nacks),
    judged: true,
  },
  resent: {
    name: 'packets that came again by packets lost',
    unit: '%',
    of: perLost(({ lossy }) => 100 * lossy.resent),
    judged: true,
  },
} as const satisfies Readonly<Record<string, Measure>>;

const BESIDE: readonly Measure[] = [MEASURES.rate, MEASURES.soundWaits, MEASURES.loss, MEASURES.keyFrames];

/** All rounds under one path. */
export interface Outcome {
  readonly freezes: Freezes;
  readonly differences: readonly Difference[];
}

export const outcomeOf = (freezes: Freezes, random: Random): Outcome => ({
  freezes,
  differences: differencesOf(freezes, random, [...Object.values(AGREEING), ...BESIDE]),
});

export const lossLabel = ({ share }: Losses): string => `${100 * share} % lost`;

export const seriesOf = ({ freezes, differences }: Outcome): Series[] =>
  freezeSeries(freezes, differences, `${lossLabel(freezes.losses)}: `);

/** Below it resampling knows nothing of the spread. */
const LEAST_PAIRS = 5;

const verdictOf = ({ pairs }: Freezes, { low, high }: Interval): string => {
  if (pairs.length < LEAST_PAIRS) return 'too few pairs to tell';
  return low <= 0 && high >= 0 ? 'they agree within noise' : 'they DIFFER';
};

const digits = (value: number): string => value.toFixed(2);

const noteOf = (freezes: Freezes, { measure, interval }: Difference): string => {
  const mean = (arm: Arm) => digits(meanOf(samplesOf(freezes, arm, measure)));
  const found = `mean ${mean('sealed')} sealed, ${mean('unsealed')} unsealed; difference ${digits(interval.mean)}`;
  const verdict = measure.judged ? `: ${verdictOf(freezes, interval)}` : '';
  return `${measure.name} (${measure.unit}): ${found}, interval ${digits(interval.low)} to ${digits(interval.high)}${verdict}`;
};

export const notesOf = ({ freezes, differences }: Outcome): string[] => [
  `${freezes.pairs.length} pairs of rounds, both at once: on the way to the receiver ${routeInWords(freezes.losses)}.`,
  KEYS_NOTE,
  ...(freezes.repeated === 0
    ? []
    : [`${freezes.repeated} pairs were played anew: the machine was too slow before any loss.`]),
  ...differences.map((one) => noteOf(freezes, one)),
];
