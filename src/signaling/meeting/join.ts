import type { Refusal, Result } from '../../base/result.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';
import type { Credentials, RequestOf } from '../protocol/messages.ts';
import { type Effect, type Step, step } from './effects.ts';
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

/** Holds a place and the number, then enters the media room. The token was judged before. */
export const join = (meeting: Meeting, from: Caller, request: RequestOf<'join'>): Step =>
  takePlace(meeting, from, request, undefined);

/** The same with a certificate, which was judged before. */
export const enter = (meeting: Meeting, from: Caller, request: RequestOf<'enter'>): Step => {
  const { certificate, clearance } = request.passport;
  return takePlace(meeting, from, request, { certificate, clearance, presence: request.presence });
};

const takePlace = (
  meeting: Meeting,
  from: Caller,
  request: RequestOf<'join'> | RequestOf<'enter'>,
  credentials: Credentials | undefined,
): Step => {
  const refusal = placeRefusal(meeting, request.announcement);
  if (refusal !== undefined) return turnedAway(meeting, from, request.id, refusal);
  const stage = { kind: 'entering', request: request.id } as const;
  return step(
    withMember(meeting, { ...from, announcement: request.announcement, credentials, stage }),
    { kind: 'standing', session: from.session, standing: { participant: from.participant, admitted: false } },
    { kind: 'enter', participant: from.participant, number: request.announcement.number },
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

/** The media room's answer: now the join is answered, and the others hear of it. */
export const entered = (meeting: Meeting, input: Extract<MeetingInput, { kind: 'entered' }>): Step => {
  const member = meeting.members.get(input.participant);
  if (member?.stage.kind !== 'entering') return step(meeting);
  const re = member.stage.request;
  return input.result.ok
    ? admit(meeting, member, re, input.result.value, input.blobToken)
    : turnAway(meeting, member, re, input.result);
};

/** Blobs are for whoever is in, by a certificate. */
const seatOf = (
  { participant, session, credentials }: Member,
  blobToken: string | undefined,
): readonly Extract<Effect, { kind: 'seat' }>[] =>
  credentials === undefined || blobToken === undefined
    ? []
    : [{ kind: 'seat', session, participant, blobToken }];

const admit = (
  meeting: Meeting,
  member: Member,
  re: number,
  rtpCapabilities: RtpCapabilities,
  token: string | undefined,
): Step => {
  const { participant, session } = member;
  const seat = seatOf(member, token);
  const charter = member.credentials === undefined ? {} : { charter: meeting.charter };
  const blobs = seat.map(({ blobToken }) => ({ blobToken }))[0];
  const roster = rosterWithout(meeting, participant);
  return step(
    withMember(meeting, { ...member, stage: { kind: 'present' } }),
    { kind: 'standing', session, standing: { participant, admitted: true } },
    ...seat,
    {
      kind: 'welcome',
      session,
      re,
      participant,
      body: { participant, roster, rtpCapabilities, ...charter, ...blobs },
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
