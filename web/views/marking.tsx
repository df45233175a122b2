import { markingLine } from '../../src/client/page/marking.ts';
import type { CharterFacts } from '../../src/client/people/charter-facts.ts';

/** Whatever is said here is said at this level: it stands above everything, and stays. */
export const MarkingBar = ({ charter }: { readonly charter: CharterFacts }) => (
  <p class="marking">{markingLine(charter, document.documentElement.lang)}</p>
);
