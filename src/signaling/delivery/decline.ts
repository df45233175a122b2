import type { ParticipantId } from '../../base/ids.ts';
import { withItem, withKey, withoutKeys } from './collections.ts';
import { type Moved, moved, refused } from './effects.ts';
import type { DeliveryInput } from './inputs.ts';
import type { DeliveryState, Task, Waiting } from './state.ts';

type Declined = Extract<DeliveryInput, { kind: 'decline' }>;

/** Only whom it was asked to add, by the one who was asked. */
const askedOf = (state: DeliveryState, { from, generation, epoch, participant }: Declined) => {
  const { task, waiting } = state;
  const isIts = task?.committer === from && generation === state.generation && epoch === state.epoch;
  const one = waiting.get(participant);
  const keyPackage = task?.add.get(participant);
  // Who entered again meanwhile has another key package, of which nobody has said anything.
  const isSame = one !== undefined && one.keyPackage.hash === keyPackage?.hash;
  return isIts && task !== undefined && isSame ? { task, one } : undefined;
};

/** Of those who could be asked instead, and answer. */
const hasAnother = ({ members, leaving, silent }: DeliveryState, from: ParticipantId): boolean =>
  [...members.keys()].some((one) => one !== from && !leaving.has(one) && !silent.has(one));

/**
 * A key package that its committer does not find good. One member's word keeps nobody out: it is asked last from now on in
 * this epoch, and the next one is asked for the same joiner. The word of two counts, or of one where nobody else is left to ask.
 */
export const decline = (state: DeliveryState, input: Declined): Moved => {
  const asked = askedOf(state, input);
  if (asked === undefined) return moved(state);
  const { task, one } = asked;
  const { from, participant } = input;
  const before = one.declinedBy;
  const isSecond = before !== undefined && before !== from && state.members.has(before);
  const counts = isSecond || !hasAnother(state, from);
  const next = {
    ...state,
    task: withoutJoiner(task, participant),
    decliners: withItem(state.decliners, from),
    waiting: counts ? withoutKeys(state.waiting, [participant]) : doubted(state, participant, one, from),
  };
  return counts ? refused(next, participant, 'delivery.declined') : moved(next);
};

const doubted = (
  { waiting }: DeliveryState,
  participant: ParticipantId,
  one: Waiting,
  from: ParticipantId,
): DeliveryState['waiting'] => withKey(waiting, participant, { ...one, declinedBy: from });

/** A task that nothing is left of is over: the next committer is asked. */
const withoutJoiner = (task: Task, participant: ParticipantId): Task | undefined => {
  const add = withoutKeys(task.add, [participant]);
  return add.size === 0 && task.remove.length === 0 ? undefined : { ...task, add };
};
