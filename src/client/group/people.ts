import type { ParticipantId } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/result.ts';
import type { Candidate, Judge, Member } from '../../e2ee/mls/port.ts';

/** Who somebody is in the meeting, by the certificate; `undefined` for whom the roster does not know. */
export type ParticipantOf = (member: Candidate) => ParticipantId | undefined;

/** Everybody by leaf. A leaf means a person for one epoch: it is asked anew for each. */
export const byLeaf = (
  members: readonly Member[],
  participantOf: ParticipantOf,
): ReadonlyMap<number, ParticipantId> =>
  new Map(
    members.flatMap((member) => {
      const participant = participantOf(member);
      return participant === undefined ? [] : [[member.leaf, participant] as const];
    }),
  );

/** What no group may hold, whatever the meeting's own judge says: somebody unknown, and somebody twice. */
const stranger = (members: readonly Member[], participantOf: ParticipantOf): Refusal | undefined => {
  const leaves = byLeaf(members, participantOf);
  const unknown = members.find(({ leaf }) => !leaves.has(leaf));
  if (unknown !== undefined)
    return refuse('group.stranger', `leaf ${unknown.leaf} is nobody of this meeting`).refusal;
  if (new Set(leaves.values()).size < leaves.size)
    return refuse('group.twice', 'somebody is in the group twice').refusal;
  return undefined;
};

export const judgeOf =
  (judge: Judge, participantOf: ParticipantOf): Judge =>
  (members) =>
    judge(members) ?? stranger(members, participantOf);
