import { ok } from '../../base/result.ts';
import type { RequestOf } from '../protocol/messages.ts';
import { type Effect, type Step, step } from './effects.ts';
import type { Caller, LeftWhy, MeetingInput } from './inputs.ts';
import { type Meeting, type Member, othersThan, withoutMember } from './state.ts';

export const leave = (meeting: Meeting, from: Caller, request: RequestOf<'leave'>): Step => {
  const member = meeting.members.get(from.participant);
  if (member === undefined) return step(meeting);
  return step(
    withoutMember(meeting, from.participant),
    ...departure(meeting, member, 'left'),
    { kind: 'reply', session: from.session, re: request.id, result: ok({}) },
    { kind: 'standing', session: from.session, standing: undefined },
    { kind: 'close-session', session: from.session, code: 'session.left' },
  );
};

/** The session is gone, and with it whoever joined by it. */
export const sessionEnded = (
  meeting: Meeting,
  { participant, why }: Extract<MeetingInput, { kind: 'session-ended' }>,
): Step => {
  const member = meeting.members.get(participant);
  if (member === undefined) return step(meeting);
  return step(withoutMember(meeting, participant), ...departure(meeting, member, why));
};

/** Out at once, by a rule: whoever was being let in as well. */
export const expelled = (
  meeting: Meeting,
  { participant, rule }: Extract<MeetingInput, { kind: 'expelled' }>,
): Step => {
  const member = meeting.members.get(participant);
  if (member === undefined) return step(meeting);
  const { session } = member;
  const decision = { kind: 'decision', meeting: meeting.id, asked: 'stay', allowed: false, rule } as const;
  return step(
    withoutMember(meeting, participant),
    { kind: 'audit', entry: { ...decision, by: session, on: participant } },
    ...departure(meeting, member, 'removed'),
    { kind: 'standing', session, standing: undefined },
    { kind: 'close-session', session, code: 'entry.over' },
  );
};

/** Told first, then out, before the other device comes in: there is never a moment with both. */
export const replaced = (
  meeting: Meeting,
  { participant }: Extract<MeetingInput, { kind: 'replaced' }>,
): Step => {
  const member = meeting.members.get(participant);
  if (member === undefined) return step(meeting);
  const { session } = member;
  return step(
    withoutMember(meeting, participant),
    { kind: 'event', to: [session], event: { kind: 'replaced' } },
    ...departure(meeting, member, 'removed'),
    { kind: 'standing', session, standing: undefined },
    { kind: 'close-session', session, code: 'entry.replaced' },
  );
};

/** Out like everybody who is removed, but that its session goes on. */
export const sentBack = (
  meeting: Meeting,
  { participant }: Extract<MeetingInput, { kind: 'sent-back' }>,
): Step => {
  const member = meeting.members.get(participant);
  if (member === undefined) return step(meeting);
  const { session } = member;
  return step(
    withoutMember(meeting, participant),
    ...departure(meeting, member, 'removed'),
    { kind: 'standing', session, standing: undefined },
    { kind: 'event', to: [session], event: { kind: 'to-lobby' } },
  );
};

/** Those who were never seen go unseen. */
const departure = (meeting: Meeting, { participant, stage }: Member, why: LeftWhy): Effect[] => {
  const depart: Effect = { kind: 'depart', participant };
  if (stage.kind === 'entering') return [depart];
  const event = { kind: 'participant-left', participant, why } as const;
  const entry = { kind: 'participant-left', meeting: meeting.id, participant, why } as const;
  return [{ kind: 'audit', entry }, depart, { kind: 'event', to: othersThan(meeting, participant), event }];
};
