import type { Suite } from '../../trust/charter/charter.ts';
import type { EpochShown, MeetingState } from '../store/state.ts';

/** Changes in the list: what is older is counted. */
export const MAX_CHANGES_LISTED = 20;
/** Names of one change: the first epoch of a join names everybody who was there. */
export const MAX_NAMES_LISTED = 16;

/** Names as verified, and how many there are beside them. */
interface Names {
  readonly names: readonly string[];
  readonly others: number;
}

/** Who came and who went by one epoch. */
export interface EpochChange {
  readonly number: string;
  readonly joined: Names;
  readonly left: Names;
}

/** What people compare, and who came and went in which epoch. */
export interface EpochFacts {
  readonly number: string;
  /** Four groups of five digits: what is read aloud in one breath each. */
  readonly digits: string;
  readonly words: string;
  /** The newest first: since people compared the code, else up to it. */
  readonly changes: readonly EpochChange[];
  /** Epochs by which somebody came or went, and which are older than those. */
  readonly olderChanges: number;
  /** The code was compared in an epoch that led here: what changed since is listed, and need not be read again. */
  readonly wasCompared: boolean;
  /** The keys changed since the person opened this code. */
  readonly isOutdated: boolean;
  readonly mayBeCutOff: boolean;
  /** Why: the meeting went on, and this device was not told. */
  readonly isUntold: boolean;
  readonly suite: Suite | undefined;
}

/** What the person did with the codes so far. */
export interface CodeReading {
  /** Whose code lies open: it stays under the reader's eyes, whatever comes meanwhile. */
  readonly open: EpochShown | undefined;
  /** Of the code that people compared last. */
  readonly comparedDigits: string | undefined;
}

export const NOTHING_READ: CodeReading = { open: undefined, comparedDigits: undefined };

type Reader = (reading: CodeReading, newest: EpochShown | undefined) => CodeReading;

const READERS = {
  /** Also where an older one lies open: the newest is shown instead. */
  opened: (reading, open) => ({ ...reading, open }),
  closed: (reading) => ({ ...reading, open: undefined }),
  /** What was read aloud, not what has come since: who came in between is listed as a change. */
  compared: ({ open, comparedDigits }, newest) => ({
    open: newest,
    comparedDigits: open?.code.digits ?? comparedDigits,
  }),
} as const satisfies Record<string, Reader>;

export type ReadingStep = keyof typeof READERS;

export const readOn = (reading: CodeReading, step: ReadingStep, epochs: readonly EpochShown[]): CodeReading =>
  READERS[step](reading, epochs.at(-1));

const GROUP_OF_DIGITS = /\d{5}(?=\d)/g;

const namesOf = (people: EpochShown['joined']): Names => ({
  names: people.slice(0, MAX_NAMES_LISTED).map(({ name }) => name),
  others: Math.max(0, people.length - MAX_NAMES_LISTED),
});

/** Epochs that only renewed keys are none of it. */
const changesIn = (epochs: readonly EpochShown[]): readonly EpochChange[] =>
  epochs
    .filter(({ joined, left }) => joined.length + left.length > 0)
    .map(({ number, joined, left }) => ({
      number: number.toString(),
      joined: namesOf(joined),
      left: namesOf(left),
    }))
    .reverse();

/** What came after the epoch of that code; `undefined` where that one is none of this join's, or too long ago. */
const since = (
  epochs: readonly EpochShown[],
  compared: string | undefined,
): readonly EpochShown[] | undefined => {
  const at = epochs.findLastIndex(({ code }) => code.digits === compared);
  return at < 0 ? undefined : epochs.slice(at + 1);
};

/** Up to the one of that code, and nothing where it is none of this join's. */
const upTo = (epochs: readonly EpochShown[], { code }: EpochShown): readonly EpochShown[] =>
  epochs.slice(0, epochs.findLastIndex((epoch) => epoch.code.digits === code.digits) + 1);

/** `undefined` where the meeting has no group, or none yet. */
export const epochFacts = (
  { epochs, mayBeCutOff, isUntold, charter }: MeetingState,
  { open, comparedDigits }: CodeReading = NOTHING_READ,
): EpochFacts | undefined => {
  const newest = epochs.at(-1);
  if (newest === undefined) return undefined;
  const { number, code } = open ?? newest;
  const later = since(epochs, comparedDigits);
  const changes = changesIn(later ?? upTo(epochs, open ?? newest));
  return {
    number: number.toString(),
    digits: code.digits.replace(GROUP_OF_DIGITS, '$& '),
    words: code.words.join(' '),
    changes: changes.slice(0, MAX_CHANGES_LISTED),
    olderChanges: Math.max(0, changes.length - MAX_CHANGES_LISTED),
    wasCompared: later !== undefined,
    isOutdated: code.digits !== newest.code.digits,
    mayBeCutOff,
    isUntold,
    suite: charter?.suite,
  };
};
