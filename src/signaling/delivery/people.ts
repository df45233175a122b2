import type { ParticipantId } from '../../base/ids.ts';
import { withItem, withKey, withoutKeys } from './collections.ts';
import { type Moved, moved } from './effects.ts';
import type { DeliveryInput } from './inputs.ts';
import type { Blob, DeliveryState, Waiting } from './state.ts';

type InputOf<Kind extends DeliveryInput['kind']> = Extract<DeliveryInput, { kind: Kind }>;

/** A member who enters again has lost the group: removed and added by one commit. It takes no commit from the others. */
export const enter = (
  state: DeliveryState,
  { participant, keyPackage }: InputOf<'enter'>,
  nowMs: number,
): Moved =>
  moved({
    ...state,
    waiting: withKey(state.waiting, participant, waitingWith(state, participant, keyPackage, nowMs)),
    leaving: state.members.has(participant) ? withItem(state.leaving, participant) : state.leaving,
  });

/** Entering again is no way to be waited for longer, and the same key package is no better for being sent twice. */
const waitingWith = (
  { waiting }: DeliveryState,
  participant: ParticipantId,
  keyPackage: Blob,
  nowMs: number,
): Waiting => {
  const before = waiting.get(participant);
  return before?.keyPackage.hash === keyPackage.hash
    ? before
    : { keyPackage, sinceMs: before?.sinceMs ?? nowMs };
};

/** Who is about to be added by a commit under way is removed by the one after it. */
export const leave = (state: DeliveryState, { participant }: InputOf<'leave'>): Moved => {
  const isUnderWay = state.task?.add.has(participant) === true;
  const leaves = state.members.has(participant) || isUnderWay;
  return moved({
    ...state,
    waiting: withoutKeys(state.waiting, [participant]),
    leaving: leaves ? withItem(state.leaving, participant) : state.leaving,
  });
};

/** Whom the next commit must remove, and nobody waits for: not one who has lost the group, and would come in by the same commit. */
export const departed = ({ members, leaving, waiting }: DeliveryState): ParticipantId[] =>
  [...leaving].filter((participant) => members.has(participant) && !waiting.has(participant));
