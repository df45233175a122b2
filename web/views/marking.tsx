import type { ComponentChildren } from 'preact';
import { markingWords } from '../../src/client/page/marking.ts';
import type { CharterFacts } from '../../src/client/people/charter-facts.ts';
import { useTexts } from './context.ts';

interface MarkedProps {
  /** `undefined`: not known, or the meeting has none. */
  readonly charter: CharterFacts | undefined;
  readonly children: ComponentChildren;
}

/** The marking of the meeting over everything that is shown of it; it never scrolls away. */
export const Marked = ({ charter, children }: MarkedProps) => {
  const { language, meeting } = useTexts();
  if (charter === undefined) return <>{children}</>;
  const { level, groups } = markingWords(charter, language);
  return (
    <div class="marked">
      <p class="marking" role="note" aria-label={meeting.marking}>
        <strong>{level}</strong>
        {groups.length > 0 && <span>{groups.join(' · ')}</span>}
      </p>
      {children}
    </div>
  );
};
