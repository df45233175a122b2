import { type Step, step } from './effects.ts';
import type { MeetingInput } from './inputs.ts';
import { type Meeting, presentMembers } from './state.ts';

/** Everybody judges the others by the newest list. */
export const listPublished = (
  meeting: Meeting,
  { number }: Extract<MeetingInput, { kind: 'list-published' }>,
): Step => {
  const to = presentMembers(meeting).map(({ session }) => session);
  return step(meeting, { kind: 'event', to, event: { kind: 'list-published', number } });
};

/** For clients to keep: the record cannot be made shorter, or other, behind their backs. */
export const checkpointed = (
  meeting: Meeting,
  { checkpoint }: Extract<MeetingInput, { kind: 'checkpoint' }>,
): Step => {
  const to = presentMembers(meeting).map(({ session }) => session);
  return step(meeting, { kind: 'event', to, event: { kind: 'checkpoint', ...checkpoint } });
};
