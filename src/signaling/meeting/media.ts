import { type Step, step } from './effects.ts';
import type { Caller, MeetingInput, WireMediaRequest } from './inputs.ts';
import type { Meeting } from './state.ts';

/** Passed on as it is: what it means is the media side's to judge, and so is whether its ids are this participant's. */
export const toMedia = (meeting: Meeting, from: Caller, wire: WireMediaRequest): Step => {
  const { id, ack: _, ...request } = wire;
  return step(meeting, { kind: 'media', ...from, re: id, request });
};

export const mediaEvent = (
  meeting: Meeting,
  { to, event }: Extract<MeetingInput, { kind: 'media-event' }>,
): Step => {
  const member = meeting.members.get(to);
  if (member?.stage.kind !== 'present') return step(meeting);
  const tell = { kind: 'event', to: [member.session], event } as const;
  const why = event.kind === 'producer-removed' ? event.why : undefined;
  if (why !== 'in-clear' && why !== 'wrong-sender') return step(meeting, tell);
  const entry = { kind: 'stream-stopped', meeting: meeting.id, participant: to, why } as const;
  return step(meeting, { kind: 'audit', entry }, tell);
};
