import type { Suite } from '../../trust/charter/charter.ts';
import type { EpochShown, MeetingState } from '../store/state.ts';

/** What people compare, and who came and went last. */
export interface EpochFacts {
  readonly number: string;
  /** Four groups of five digits: what is read aloud in one breath each. */
  readonly digits: string;
  readonly words: string;
  /** Of the newest epoch by which anybody came or went. */
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly mayBeCutOff: boolean;
  readonly suite: Suite | undefined;
}

const GROUP_OF_DIGITS = /\d{5}(?=\d)/g;

const namesOf = (people: EpochShown['joined']): readonly string[] => people.map(({ name }) => name);

/** `undefined` where the meeting has no group, or none yet. */
export const epochFacts = ({ epochs, mayBeCutOff, charter }: MeetingState): EpochFacts | undefined => {
  const newest = epochs.at(-1);
  if (newest === undefined) return undefined;
  const { digits, words } = newest.code;
  const change = epochs.findLast(({ joined, left }) => joined.length + left.length > 0);
  return {
    number: newest.number.toString(),
    digits: digits.replace(GROUP_OF_DIGITS, '$& '),
    words: words.join(' '),
    joined: namesOf(change?.joined ?? []),
    left: namesOf(change?.left ?? []),
    mayBeCutOff,
    suite: charter?.suite,
  };
};
