import type { RequestOf } from '../protocol/messages.ts';
import { type Step, step } from './effects.ts';
import type { Caller } from './inputs.ts';
import type { Meeting } from './state.ts';

/** Passed on as it is: what a member of the group may say is the group's to judge. */
export const toGroup = (meeting: Meeting, from: Caller, request: RequestOf<'group'>): Step =>
  step(meeting, { kind: 'group', ...from, re: request.id, said: request.said });
