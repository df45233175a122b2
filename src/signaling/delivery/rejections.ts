import type { ParticipantId } from '../../base/ids.ts';
import { withItem, withKey } from './collections.ts';
import { type DeliveryEffect, type Moved, moved } from './effects.ts';
import type { DeliveryInput } from './inputs.ts';
import { MAX_OFFENCES, silentAfterMs } from './limits.ts';
import type { Accepted, DeliveryState, Waiting } from './state.ts';

/** Who was there before it, and still is: not who has lost the group meanwhile, and takes no commit of it. */
const judges = (
  { members: now, leaving }: DeliveryState,
  { members, by }: Accepted,
): ReadonlySet<ParticipantId> =>
  new Set(
    [...members.keys()].filter(
      (participant) => participant !== by && now.has(participant) && !leaving.has(participant),
    ),
  );

const isMost = (state: DeliveryState, accepted: Accepted, said: ReadonlySet<ParticipantId>): boolean => {
  const all = judges(state, accepted);
  return [...said].filter((participant) => all.has(participant)).length * 2 > all.size;
};

/** How long most members have to say what they think of a commit, before it counts for good. */
const settledAtMs = ({ members, changedAtMs }: DeliveryState): number =>
  changedAtMs + silentAfterMs(members.size);

/**
 * Until most members took the newest commit no other is accepted: else whoever sends an invalid one would send the next on
 * top of it, before the others could refuse it. Those who are silent hold nobody up.
 */
export const unsettledUntilMs = (state: DeliveryState, nowMs: number): number | undefined => {
  const { accepted } = state;
  if (accepted === undefined || nowMs >= settledAtMs(state)) return undefined;
  const isSettled = judges(state, accepted).size === 0 || isMost(state, accepted, accepted.adoptedBy);
  return isSettled ? undefined : settledAtMs(state);
};

/** Of the newest commit, and from one who had to take it. */
const judgedBy = (
  state: DeliveryState,
  { from, epoch, generation }: { from: ParticipantId; epoch: number; generation: number },
): Accepted | undefined => {
  const { accepted } = state;
  const isNewest = generation === state.generation && epoch === state.epoch;
  return accepted !== undefined && isNewest && judges(state, accepted).has(from) ? accepted : undefined;
};

export const adopted = (state: DeliveryState, input: Extract<DeliveryInput, { kind: 'adopted' }>): Moved => {
  const accepted = judgedBy(state, input);
  if (accepted === undefined) return moved(state);
  const adoptedBy = withItem(accepted.adoptedBy, input.from);
  return moved({ ...state, accepted: { ...accepted, adoptedBy } });
};

/**
 * Members who had to take the newest commit say that it is not valid. All hear of it; when more than half say so it counts
 * no longer. Fewer cannot hold the others up: they are repaired one by one.
 */
export const reject = (
  state: DeliveryState,
  input: Extract<DeliveryInput, { kind: 'reject' }>,
  nowMs: number,
): Moved => {
  const accepted = judgedBy(state, input);
  // Said once it is told once: each goes to everybody.
  if (accepted === undefined || accepted.rejectedBy.has(input.from)) return moved(state);
  const { from, epoch, reason } = input;
  const rejectedBy = withItem(accepted.rejectedBy, from);
  const to = [...state.members.keys()].filter((participant) => participant !== from);
  const told: DeliveryEffect = { kind: 'rejected', to, epoch, by: from, reason };
  const noted = { ...state, accepted: { ...accepted, rejectedBy } };
  if (!isMost(state, accepted, rejectedBy)) return moved(noted, told);
  const reopened = reopen(noted, accepted, nowMs);
  return moved(reopened.state, told, ...reopened.effects);
};

/** The epoch before it is the newest again; those who were added wait again, those removed are still to be removed. */
const reopen = (state: DeliveryState, { by, members, added }: Accepted, nowMs: number): Moved => {
  const offences = withKey(state.offences, by, (state.offences.get(by) ?? 0) + 1);
  const isExpelled = (offences.get(by) ?? 0) >= MAX_OFFENCES;
  // Who was removed, and who was removed and added at once, still sits in the tree of before.
  const removed = [...members.keys()].filter((one) => !state.members.has(one) || added.has(one));
  const leaving = new Set([...state.leaving, ...removed, ...(isExpelled ? [by] : [])]);
  const next: DeliveryState = {
    ...state,
    epoch: state.epoch - 1,
    members,
    waiting: waitingAgain(state, added, nowMs),
    leaving: new Set([...leaving].filter((participant) => members.has(participant))),
    task: undefined,
    silent: new Set([by]),
    decliners: new Set(),
    isRenewalWanted: false,
    accepted: undefined,
    history: state.history.slice(0, -1),
    offences,
    changedAtMs: nowMs,
  };
  const to = [...new Set([...members.keys(), ...state.members.keys()])];
  const told: DeliveryEffect = { kind: 'reopened', to, epoch: next.epoch };
  return isExpelled ? moved(next, told, { kind: 'expel', participant: by }) : moved(next, told);
};

/** Not those who left since: they are among the leaving. */
const waitingAgain = (
  { waiting, leaving }: DeliveryState,
  added: Accepted['added'],
  nowMs: number,
): ReadonlyMap<ParticipantId, Waiting> => {
  const again = new Map(waiting);
  for (const [participant, keyPackage] of added)
    if (!leaving.has(participant) && !again.has(participant))
      again.set(participant, { keyPackage, sinceMs: nowMs });
  return again;
};
