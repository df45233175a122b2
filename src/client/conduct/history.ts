import { ok, type Result, refuse } from '../../base/result.ts';
import type { ChainHead } from '../../signaling/protocol/messages.ts';
import type { Ask } from '../media-session.ts';

/** As many as a meeting's chain may have: a relay that has always one more keeps nobody busy for ever. */
const MAX_ENTRIES = 1_000_000;

/** The entries after number `after`, up to `head` and none beyond: those come by themselves. */
export const fetchHistory = async function* (
  ask: Ask,
  after: number,
  head: ChainHead,
): AsyncGenerator<Result<string>> {
  if (head.n > MAX_ENTRIES) yield refuse('chain.too-long', 'more entries than a meeting has');
  for (let at = after; at < Math.min(head.n, MAX_ENTRIES); ) {
    const page = await ask('history', { after: at });
    if (!page.ok) return yield page;
    const { entries } = page.value;
    if (entries.length === 0) return yield refuse('chain.short', 'the relay keeps entries back');
    for (const entry of entries.slice(0, head.n - at)) yield ok(entry);
    at += entries.length;
  }
};
