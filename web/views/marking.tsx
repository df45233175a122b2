import type { ComponentChildren } from 'preact';
import { markingLine } from '../../src/client/page/marking.ts';
import type { CharterFacts } from '../../src/client/people/charter-facts.ts';
import { useTexts } from './context.ts';

interface MarkedProps {
  /** `undefined`: not known, or the meeting has none. */
  readonly charter: CharterFacts | undefined;
  readonly children: ComponentChildren;
}

/** Whatever is said here is said at this level: it stands above everything, and never scrolls away. */
export const Marked = ({ charter, children }: MarkedProps) => {
  const { language, meeting } = useTexts();
  if (charter === undefined) return <>{children}</>;
  return (
    <div class="marked">
      <p class="marking" role="note" aria-label={meeting.marking}>
        {markingLine(charter, language)}
      </p>
      {children}
    </div>
  );
};
