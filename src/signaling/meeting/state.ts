import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import type { Announcement, Credentials, RosterEntry } from '../protocol/messages.ts';

/** One entry. While its room is being entered it holds its place and number, but nobody sees it yet. */
export interface Member {
  readonly participant: ParticipantId;
  readonly session: SessionId;
  readonly announcement: Announcement;
  readonly credentials: Credentials;
  /** `request`: the id of the entry that waits for its reply. */
  readonly stage: { readonly kind: 'entering'; readonly request: number } | { readonly kind: 'present' };
}

export interface Meeting {
  readonly id: MeetingId;
  readonly maxParticipants: number;
  /** As it travels; who enters is given it. */
  readonly charter: Vouched;
  readonly members: ReadonlyMap<ParticipantId, Member>;
}

export const newMeeting = (id: MeetingId, maxParticipants: number, charter: Vouched): Meeting => ({
  id,
  maxParticipants,
  charter,
  members: new Map(),
});

export const withMember = (meeting: Meeting, member: Member): Meeting => ({
  ...meeting,
  members: new Map(meeting.members).set(member.participant, member),
});

export const withoutMember = (meeting: Meeting, participant: ParticipantId): Meeting => {
  const members = new Map(meeting.members);
  members.delete(participant);
  return { ...meeting, members };
};

export const presentMembers = (meeting: Meeting): Member[] =>
  [...meeting.members.values()].filter(({ stage }) => stage.kind === 'present');

/** The sessions of all who are present but one. */
export const othersThan = (meeting: Meeting, participant: ParticipantId): SessionId[] =>
  presentMembers(meeting)
    .filter((member) => member.participant !== participant)
    .map(({ session }) => session);

export const rosterWithout = (meeting: Meeting, participant: ParticipantId): RosterEntry[] =>
  presentMembers(meeting)
    .filter((member) => member.participant !== participant)
    .map(rosterEntryOf);

export const rosterEntryOf = ({ participant, announcement, credentials }: Member): RosterEntry => ({
  participant,
  announcement,
  credentials,
});
