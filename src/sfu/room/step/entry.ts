import type { ParticipantId } from '../../../base/ids.ts';
import { SENDER_NUMBER_BITS } from '../../../base/media.ts';
import type { Refusal } from '../../../base/result.ts';
import { MAX_PARTICIPANTS } from '../limits.ts';
import { dropParticipant } from './drop.ts';
import type { RoomInput } from './input.ts';
import { invalid, limit, unavailable } from './refusals.ts';
import { newParticipant, type RoomState } from './state.ts';
import { change, type Turn, update, withEntry } from './turn.ts';

const isSenderNumber = (number: number): boolean =>
  Number.isInteger(number) && number >= 0 && number < 2 ** SENDER_NUMBER_BITS;

const MAY_BE_ENTERED = ['open', 'reopening', 'waiting'];

/** Why this participant may not enter now, or `undefined`. Two that enter with one number could not be told apart by the witness. */
export const entryRefusal = (
  { phase, participants }: RoomState,
  participant: ParticipantId,
  senderNumber: number,
): Refusal | undefined => {
  if (!MAY_BE_ENTERED.includes(phase.kind)) return unavailable('the room is not open');
  if (!isSenderNumber(senderNumber)) return invalid('that is no sender number');
  if (participants.has(participant))
    return { code: 'media.already-in', message: 'the participant is in the room already' };
  if (participants.values().some((one) => one.senderNumber === senderNumber))
    return { code: 'media.number-taken', message: 'another participant has this number' };
  return participants.size >= MAX_PARTICIPANTS ? limit('the room is full') : undefined;
};

export const onEnter = (
  { participant, senderNumber }: Extract<RoomInput, { readonly kind: 'enter' }>,
  turn: Turn,
): void => {
  if (entryRefusal(turn.state, participant, senderNumber) !== undefined) return;
  const entered = newParticipant(participant, senderNumber);
  update(turn, { participants: withEntry(turn.state.participants, participant, entered) });
};

export const onLeave = ({ participant }: Extract<RoomInput, { readonly kind: 'leave' }>, turn: Turn): void =>
  dropParticipant(turn, participant);

/** Those who are not there expect nothing; a number that cannot be one matches no frame. */
export const onExpectSenders = (
  { numbers }: Extract<RoomInput, { readonly kind: 'expect-senders' }>,
  turn: Turn,
): void => {
  for (const [participant, expected] of numbers) change(turn, participant, { expected });
};
