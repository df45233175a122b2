import type { CharterFacts } from '../people/charter-facts.ts';

export interface MarkingWords {
  /** As it stands on documents. */
  readonly level: string;
  readonly groups: readonly string[];
}

/** What stands over a meeting: the scale's own words, its groups in `language` where the scale has it. */
export const markingWords = (
  { markingText, groupNames }: Pick<CharterFacts, 'markingText' | 'groupNames'>,
  language: string,
): MarkingWords => ({
  level: markingText,
  groups: groupNames.map((names) => names[language] ?? Object.values(names)[0] ?? ''),
});
