import type { Suite } from '../../trust/charter/charter.ts';
import type { EpochShown, MeetingState } from '../store/state.ts';

/** What people compare, and who came and went last. */
export interface EpochFacts {
  readonly number: string;
  /** Four groups of five digits: what is read aloud in one breath each. */
  readonly digits: string;
  readonly words: string;
  /** Since people compared the code; else of the newest epoch by which anybody came or went. */
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** The code was compared in an epoch that led here: what changed since is listed, and need not be read again. */
  readonly wasCompared: boolean;
  readonly mayBeCutOff: boolean;
  readonly suite: Suite | undefined;
}

const GROUP_OF_DIGITS = /\d{5}(?=\d)/g;

const namesOf = (epochs: readonly EpochShown[], of: 'joined' | 'left'): readonly string[] => [
  ...new Set(epochs.flatMap((epoch) => epoch[of].map(({ name }) => name))),
];

/** What came after the epoch of that code; `undefined` where that one is none of this join's, or too long ago. */
const since = (
  epochs: readonly EpochShown[],
  compared: string | undefined,
): readonly EpochShown[] | undefined => {
  const at = epochs.findLastIndex(({ code }) => code.digits === compared);
  return at < 0 ? undefined : epochs.slice(at + 1);
};

/** `compared`: the digits of the code that people compared last. `undefined` where the meeting has no group, or none yet. */
export const epochFacts = (
  { epochs, mayBeCutOff, charter }: MeetingState,
  compared?: string,
): EpochFacts | undefined => {
  const newest = epochs.at(-1);
  if (newest === undefined) return undefined;
  const { digits, words } = newest.code;
  const changes = since(epochs, compared);
  const last = epochs.findLast(({ joined, left }) => joined.length + left.length > 0);
  const shown = changes ?? (last === undefined ? [] : [last]);
  return {
    number: newest.number.toString(),
    digits: digits.replace(GROUP_OF_DIGITS, '$& '),
    words: words.join(' '),
    joined: namesOf(shown, 'joined'),
    left: namesOf(shown, 'left'),
    wasCompared: changes !== undefined,
    mayBeCutOff,
    suite: charter?.suite,
  };
};
