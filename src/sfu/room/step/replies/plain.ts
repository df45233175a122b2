import { ok } from '../../../../base/result.ts';
import { answer, type Turn } from '../turn.ts';
import type { PendingOf, Reply } from './types.ts';

/** The engine's word is the answer. */
export const plainReply = (
  { ask }: PendingOf<'plain' | 'connect' | 'pause'>,
  turn: Turn,
  reply: Reply,
): void => answer(turn, ask, reply.ok ? ok({ kind: 'done' }) : reply);
