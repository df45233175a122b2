import type { Refusal, Result } from '../../base/result.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';
import type { RequestOf } from '../protocol/messages.ts';
import { type Step, step } from './effects.ts';
import type { Caller, MeetingInput } from './inputs.ts';
import { placeRefusal } from './rules.ts';
import {
  type Meeting,
  type Member,
  othersThan,
  rosterEntryOf,
  rosterWithout,
  withMember,
  withoutMember,
} from './state.ts';

/** Holds a place and the number, then enters the media room. What was shown was judged before. */
export const enter = (meeting: Meeting, from: Caller, request: RequestOf<'enter'>): Step => {
  const { id, announcement, passport, presence } = request;
  const { certificate, clearance } = passport;
  const refusal = placeRefusal(meeting, announcement);
  if (refusal !== undefined) return turnedAway(meeting, from, id, refusal);
  const credentials = { certificate, clearance, presence };
  const stage = { kind: 'entering', request: id } as const;
  return step(
    withMember(meeting, { ...from, announcement, credentials, stage }),
    { kind: 'standing', session: from.session, standing: { participant: from.participant, admitted: false } },
    { kind: 'enter', participant: from.participant, number: announcement.number },
  );
};

const turnedAway = (meeting: Meeting, { session, participant }: Caller, re: number, refusal: Refusal): Step =>
  step(
    meeting,
    {
      kind: 'audit',
      entry: {
        kind: 'decision',
        meeting: meeting.id,
        asked: 'place',
        allowed: false,
        rule: refusal.code,
        by: session,
        on: participant,
      },
    },
    { kind: 'reply', session, re, result: { ok: false, refusal } },
  );

/** The media room's answer: now the entry is answered, and the others hear of it. */
export const entered = (meeting: Meeting, input: Extract<MeetingInput, { kind: 'entered' }>): Step => {
  const member = meeting.members.get(input.participant);
  if (member?.stage.kind !== 'entering') return step(meeting);
  const re = member.stage.request;
  return input.result.ok
    ? admit(meeting, member, re, input.result.value, input.blobToken)
    : turnAway(meeting, member, re, input.result);
};

const admit = (
  meeting: Meeting,
  member: Member,
  re: number,
  rtpCapabilities: RtpCapabilities,
  blobToken: string,
): Step => {
  const { participant, session } = member;
  const { charter } = meeting;
  const roster = rosterWithout(meeting, participant);
  return step(
    withMember(meeting, { ...member, stage: { kind: 'present' } }),
    { kind: 'standing', session, standing: { participant, admitted: true } },
    { kind: 'seat', session, participant, blobToken },
    {
      kind: 'welcome',
      session,
      re,
      participant,
      roster,
      body: { participant, rtpCapabilities, charter, blobToken },
    },
    {
      kind: 'event',
      to: othersThan(meeting, participant),
      event: { kind: 'participant-joined', ...rosterEntryOf(member) },
    },
  );
};

const turnAway = (meeting: Meeting, member: Member, re: number, result: Result<unknown>): Step =>
  step(
    withoutMember(meeting, member.participant),
    { kind: 'standing', session: member.session, standing: undefined },
    { kind: 'reply', session: member.session, re, result },
  );
