import { utf8 } from '../../base/bytes.ts';
import type { NewEntries } from './kept.ts';
import type { StoreLimits } from './limits.ts';
import { full, type Written } from './refusals.ts';

/** Of one meeting's chain, or of what is added to it. */
export interface ChainSize {
  readonly entries: number;
  readonly bytes: number;
}

export const bytesOf = ({ texts }: Pick<NewEntries, 'texts'>): number =>
  texts.reduce((sum, text) => sum + utf8(text).length, 0);

/** Why they find no room, if so. `allBytes`: of all chains so far. */
export const overfullOfEntries = (
  limits: StoreLimits,
  chain: ChainSize,
  allBytes: number,
  added: NewEntries,
): Written | undefined => {
  const entries = chain.entries + added.texts.length;
  const bytes = bytesOf(added);
  const { maxEntriesPerMeeting, maxEntryBytesPerMeeting, maxEntryBytes, removalEntries, removalBytes } =
    limits;
  const [moreEntries, moreBytes] = added.isRemoval ? [removalEntries, removalBytes] : [0, 0];
  if (entries > maxEntriesPerMeeting + moreEntries) return full('entries of a meeting', maxEntriesPerMeeting);
  if (chain.bytes + bytes > maxEntryBytesPerMeeting + moreBytes)
    return full('bytes of a meeting’s entries', maxEntryBytesPerMeeting);
  // The file itself has room for the removals of all.
  return !added.isRemoval && allBytes + bytes > maxEntryBytes
    ? full('bytes of entries', maxEntryBytes)
    : undefined;
};
