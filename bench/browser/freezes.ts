import { differences, type Interval, meanOf, meanWithInterval, resampledMeans } from '../paired.ts';
import type { Random } from '../random.ts';
import type { Series } from '../rows.ts';
import { WATCHED_IN_WORDS } from './page/api.ts';
import type { Arm, Freezes } from './pairs.ts';
import { type Round, routeInWords } from './rounds.ts';

const MS_PER_S = 1_000;
const ARMS: readonly Arm[] = ['sealed', 'unsealed'];

export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly of: (round: Round) => number;
  /** Whether sealed must not have more of it. */
  readonly judged: boolean;
}

const lossPercent = ({ packets, lost }: Round): number => (100 * lost) / packets;

/** Of the lossy stretch; the first three by their names in W3C webrtc-stats. */
export const MEASURES = {
  freezes: { name: 'freezeCount in a round', unit: '1', of: ({ lossy }) => lossy.freezes, judged: true },
  frozen: {
    name: 'totalFreezesDuration in a round',
    unit: 'ms',
    of: ({ lossy }) => lossy.frozenMs,
    judged: true,
  },
  concealed: {
    name: 'concealedSamples of all samples',
    unit: '%',
    of: ({ lossy }) => 100 * lossy.concealedShare,
    judged: true,
  },
  rate: {
    name: 'frames decoded',
    unit: '1/s',
    of: ({ lossy }) => (MS_PER_S * lossy.framesDecoded) / lossy.ms,
    judged: false,
  },
  soundWaits: {
    name: 'sound waits to be played',
    unit: 'ms',
    of: ({ lossy }) => lossy.soundWaitsMs,
    judged: false,
  },
  loss: { name: 'packets lost on the way', unit: '%', of: lossPercent, judged: false },
  keyFrames: { name: 'key frames in a round', unit: '1', of: ({ lossy }) => lossy.keyFrames, judged: false },
} as const satisfies Readonly<Record<string, Measure>>;

const judgedOf = (measures: readonly Measure[]): number => measures.filter(({ judged }) => judged).length;
/** Of each interval, so that with 95 of 100 runs in which sealing costs nothing no measure says that it does. */
const confidenceOf = (measures: readonly Measure[]): number => 1 - 0.05 / judgedOf(measures);

export const samplesOf = ({ pairs }: Freezes, arm: Arm, { of }: Measure): number[] =>
  pairs.map((pair) => of(pair[arm]));

/** What sealed has more than unsealed: pair by pair, and its mean under resampling. */
export interface Difference {
  readonly measure: Measure;
  readonly samples: readonly number[];
  readonly resampled: readonly number[];
  readonly interval: Interval;
}

export const differencesOf = (
  freezes: Freezes,
  random: Random,
  measures: readonly Measure[] = Object.values(MEASURES),
): Difference[] => {
  if (freezes.pairs.length === 0) return [];
  const confidence = confidenceOf(measures);
  return measures.map((measure) => {
    const [sealed, unsealed] = [
      samplesOf(freezes, 'sealed', measure),
      samplesOf(freezes, 'unsealed', measure),
    ];
    const samples = differences(sealed, unsealed);
    const resampled = resampledMeans(samples, random);
    return { measure, samples, resampled, interval: meanWithInterval(samples, resampled, confidence) };
  });
};

/** `where` stands before each case: several runs of pairs can be in one result. */
export const freezeSeries = (freezes: Freezes, all: readonly Difference[], where = ''): Series[] =>
  all.flatMap(({ measure, samples, resampled }) => {
    const { name, unit } = measure;
    const shape = { measure: name, unit };
    return [
      { ...shape, case: `${where}unsealed`, samples: samplesOf(freezes, 'unsealed', measure) },
      {
        ...shape,
        case: `${where}sealed`,
        samples: samplesOf(freezes, 'sealed', measure),
        against: `${where}unsealed`,
      },
      ...(measure.judged
        ? [
            { ...shape, case: `${where}sealed minus unsealed`, samples },
            { ...shape, case: `${where}mean of sealed minus unsealed, resampled`, samples: resampled },
          ]
        : []),
    ];
  });

const digits = (value: number): string => value.toFixed(2);

const noteOf = (freezes: Freezes, { measure, interval }: Difference): string => {
  const means = ARMS.map((arm) => digits(meanOf(samplesOf(freezes, arm, measure))));
  const { mean, low, high } = interval;
  const found = `mean ${means[0]} sealed, ${means[1]} unsealed; difference ${digits(mean)}, interval ${digits(low)} to ${digits(high)}`;
  const verdict = measure.judged ? `; sealed measurably worse: ${verdictOf(freezes, interval)}` : '';
  return `${measure.name} (${measure.unit}): ${found}${verdict}`;
};

/** Below it resampling knows nothing of the spread. */
const LEAST_PAIRS = 5;

const verdictOf = ({ pairs }: Freezes, { low }: Interval): string => {
  if (pairs.length < LEAST_PAIRS) return 'too few pairs to tell';
  return low > 0 ? 'YES' : 'no';
};

const judgingNote = (all: readonly Difference[]): string => {
  const measures = all.map(({ measure }) => measure);
  const percent = (100 * confidenceOf(measures)).toFixed(1);
  return `Intervals of ${percent} % by resampling: ${judgedOf(measures)} measures are judged at once (Bonferroni).`;
};

/** Long before any loss. */
export const KEYS_NOTE =
  'Both enter by certificate, and agree on keys in a group (MLS, suite x25519); unsealed seals nothing with them.';

export const freezeNotes = (freezes: Freezes, all: readonly Difference[]): string[] => [
  `${freezes.pairs.length} pairs of rounds, both at once; unsealed: the same page without any transform.`,
  KEYS_NOTE,
  `On the way to the receiver ${routeInWords(freezes.losses)}; it watches ${WATCHED_IN_WORDS}.`,
  judgingNote(all),
  ...(freezes.repeated === 0
    ? []
    : [`${freezes.repeated} pairs were played anew: the machine was too slow before any loss.`]),
  ...all.map((one) => noteOf(freezes, one)),
  ...refusalNotes(freezes),
];

const refusalNotes = ({ pairs }: Freezes): string[] => {
  const sums = new Map<string, number>();
  for (const { sealed } of pairs)
    for (const [code, count] of Object.entries(sealed.refusedFrames))
      sums.set(code, (sums.get(code) ?? 0) + count);
  return [...sums].map(([code, count]) => `frames refused by the receivers: ${count} ${code}`);
};

/** Of all packets of an arm, to either side of what was asked for. */
const MAX_LOSS_ERROR = 0.005;
const lossFault = ({ pairs, losses }: Freezes, arm: Arm): string | undefined => {
  const sum = (of: (round: Round) => number) => pairs.reduce((total, pair) => total + of(pair[arm]), 0);
  const share = sum(({ lost }) => lost) / sum(({ packets }) => packets);
  if (Math.abs(share - losses.share) <= MAX_LOSS_ERROR) return undefined;
  return `${arm} met ${(100 * share).toFixed(2)} % of loss instead of ${100 * losses.share} %`;
};

/** Why nothing follows from these rounds; empty where something does. */
export const freezeFaults = (freezes: Freezes): string[] =>
  [
    ...freezes.lost.map((why) => `a pair of rounds broke off: ${why}`),
    ...(freezes.pairs.length === 0 ? [] : ARMS.map((arm) => lossFault(freezes, arm))),
    ...freezes.pairs.flatMap(({ sealed, unsealed }) => [...sealed.problems, ...unsealed.problems]),
    freezes.missing === 0
      ? undefined
      : `${freezes.missing} pairs were not played: the machine was too slow before any loss, again and again`,
  ].filter((why) => why !== undefined);
