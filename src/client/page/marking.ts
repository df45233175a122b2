import type { CharterFacts } from '../people/charter-facts.ts';

/** The marking as it stands on documents, then the groups in the reader's language. */
export const markingLine = (
  { markingText, groups }: Pick<CharterFacts, 'markingText' | 'groups'>,
  language: string,
): string => [markingText, ...groups.map(({ id, names }) => names[language] ?? id)].join(' · ');
