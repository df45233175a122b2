import type { CloseCode } from '../protocol/codes.ts';
import { type Effect, type Step, step } from './effects.ts';
import type { EndWhy, MeetingInput } from './inputs.ts';
import { type Meeting, type Member, presentMembers } from './state.ts';

const CLOSE_CODE_OF: Readonly<Record<EndWhy, CloseCode>> = {
  ended: 'meeting.ended',
  'media-lost': 'meeting.ended',
  'server-stopping': 'server.stopping',
};

/** Everybody hears why, then every session ends. Who is still entering has been told nothing and hears nothing. */
export const end = (meeting: Meeting, { why }: Extract<MeetingInput, { kind: 'end' }>): Step => {
  const to = presentMembers(meeting).map(({ session }) => session);
  const dismissals = [...meeting.members.values()].flatMap((member) => dismissal(member, CLOSE_CODE_OF[why]));
  return step(
    { ...meeting, members: new Map() },
    { kind: 'audit', entry: { kind: 'meeting-ended', meeting: meeting.id, why } },
    { kind: 'tell-checkpoint', to },
    { kind: 'event', to, event: { kind: 'meeting-ended', why } },
    ...dismissals,
    { kind: 'close-room' },
  );
};

const dismissal = ({ session }: Member, code: CloseCode): Effect[] => [
  { kind: 'standing', session, standing: undefined },
  { kind: 'close-session', session, code },
];
