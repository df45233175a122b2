import type { Refusal } from '../../base/result.ts';
import type { AnswerCode } from '../protocol/codes.ts';
import type { Announcement } from '../protocol/messages.ts';
import type { Standing } from './effects.ts';
import type { Meeting } from './state.ts';

export type RuleRefusal = Refusal<AnswerCode>;

/** One text for every reason: what failed, and whether the meeting exists, is not the asker's to know. */
export const ENTRY_REFUSED: RuleRefusal = { code: 'entry.refused', message: 'not admitted' };

/** Whether a session of this standing may ask to come in. */
export const entryOrder = (standing: Standing | undefined): RuleRefusal | undefined =>
  standing === undefined ? undefined : ALREADY_JOINED;

/** Whether it may ask what a participant may. */
export const participantOrder = (standing: Standing | undefined): RuleRefusal | undefined =>
  standing?.admitted === true ? undefined : JOIN_FIRST;

const ALREADY_JOINED: RuleRefusal = {
  code: 'order.already-joined',
  message: 'this session has joined',
  remedy: 'open another connection for another entry',
};
export const JOIN_FIRST: RuleRefusal = {
  code: 'order.join-first',
  message: 'only a participant may ask this',
  remedy: 'enter a meeting first',
};

/** Whether somebody who is entitled to enter finds a place. Places held by entering members count. */
export const placeRefusal = (meeting: Meeting, { number }: Announcement): RuleRefusal | undefined => {
  if (meeting.members.size >= meeting.maxParticipants)
    return { code: 'join.full', message: 'the meeting is full' };
  const taken = [...meeting.members.values()].some(({ announcement }) => announcement.number === number);
  return taken
    ? { code: 'join.number-taken', message: 'the number is taken', remedy: 'draw another number' }
    : undefined;
};
