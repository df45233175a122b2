import type { RequestOf } from '../protocol/messages.ts';
import { type Step, step } from './effects.ts';
import type { Caller, CharterRequestKind } from './inputs.ts';
import type { Meeting } from './state.ts';

/** A meeting that tokens open has no chain of entries and no group. */
export const noCharter = (
  meeting: Meeting,
  { session }: Caller,
  { id }: RequestOf<CharterRequestKind>,
): Step =>
  step(meeting, {
    kind: 'reply',
    session,
    re: id,
    result: { ok: false, refusal: { code: 'order.no-charter', message: 'this meeting has no charter' } },
  });
