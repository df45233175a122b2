import type { ParticipantId } from '../../base/ids.ts';
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
): Step =>
  takenOut(meeting, participant, ({ session }) => {
    const decision = { kind: 'decision', meeting: meeting.id, asked: 'stay', allowed: false, rule } as const;
    return {
      first: { kind: 'audit', entry: { ...decision, by: session, on: participant } },
      last: { kind: 'close-session', session, code: 'entry.over' },
    };
  });

/** Told first, then out, before the other device comes in: there is never a moment with both. */
export const replaced = (
  meeting: Meeting,
  { participant }: Extract<MeetingInput, { kind: 'replaced' }>,
): Step =>
  takenOut(meeting, participant, ({ session }) => ({
    first: { kind: 'event', to: [session], event: { kind: 'replaced' } },
    last: { kind: 'close-session', session, code: 'entry.replaced' },
  }));

/** Out like everybody who is removed, but that its session goes on. */
export const sentBack = (
  meeting: Meeting,
  { participant }: Extract<MeetingInput, { kind: 'sent-back' }>,
): Step =>
  takenOut(meeting, participant, ({ session }) => ({
    last: { kind: 'event', to: [session], event: { kind: 'to-lobby' } },
  }));

/** What a removal of its kind does before anybody hears of it, and what becomes of the session after. */
interface Closing {
  readonly first?: Effect;
  readonly last: Effect;
}

/** Not by its own will: whoever is not there, or no longer, is not taken out. */
const takenOut = (
  meeting: Meeting,
  participant: ParticipantId,
  closing: (member: Member) => Closing,
): Step => {
  const member = meeting.members.get(participant);
  if (member === undefined) return step(meeting);
  const { first, last } = closing(member);
  return step(
    withoutMember(meeting, participant),
    ...(first === undefined ? [] : [first]),
    ...departure(meeting, member, 'removed'),
    { kind: 'standing', session: member.session, standing: undefined },
    last,
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
