import type { Refusal } from '../../base/result.ts';
import { CLOSE_CODES, type CloseCode, isCloseCode } from '../../signaling/protocol/codes.ts';

/** What the end of a socket means for the session: it may be resumed, it is over, or there is no use in trying again. */
export type Aftermath = 'resume' | 'start-anew' | 'give-up';

/** The refusal that a close frame's text says, in this client's own words; `connection.lost` for any other text. */
export const closeRefusal = (reason: string): Refusal =>
  isCloseCode(reason)
    ? { code: reason, message: CLOSE_CODES[reason].meaning }
    : { code: 'connection.lost', message: 'the connection was closed' };

/**
 * Ends of a session that were asked for, or that a fresh session of this same client would only meet again. Where
 * another connection took the session, or another device of the person the place, taking it back would make two holders fight for it.
 */
const GIVE_UP: ReadonlySet<string> = new Set<CloseCode>([
  'session.left',
  'meeting.ended',
  'hello.version',
  'connection.superseded',
  'entry.replaced',
]);

/** `protocol.gap` is a lost message, which a resume brings; the rest of `protocol.*` says that two programs disagree. */
export const aftermathOf = ({ code }: Refusal): Aftermath => {
  if (code === 'protocol.gap') return 'resume';
  if (GIVE_UP.has(code) || code.startsWith('protocol.')) return 'give-up';
  return isCloseCode(code) && CLOSE_CODES[code].session === 'ends' ? 'start-anew' : 'resume';
};
