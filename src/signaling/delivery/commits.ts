import type { ParticipantId } from '../../base/ids.ts';
import { withKey, withoutItems, withoutKeys } from './collections.ts';
import { type DeliveryCode, type DeliveryEffect, type Moved, moved, refused } from './effects.ts';
import type { DeliveryInput } from './inputs.ts';
import { MAX_EXTENSIONS, MAX_HISTORY, MAX_HISTORY_BYTES, silentAfterMs } from './limits.ts';
import { departed } from './people.ts';
import { unsettledUntilMs } from './rejections.ts';
import type { DeliveryState, GroupMember, PastCommit } from './state.ts';

type InputOf<Kind extends DeliveryInput['kind']> = Extract<DeliveryInput, { kind: Kind }>;
type Commit = InputOf<'commit'>;

/** Commits from `epoch` on, or `undefined` where not all of them are kept. */
const missedSince = ({ history, epoch: now }: DeliveryState, epoch: number): PastCommit[] | undefined => {
  const missed = history.filter((past) => past.epoch >= epoch);
  return missed.length === now - epoch ? missed : undefined;
};

const isOf = (
  state: DeliveryState,
  { from, generation }: { from: ParticipantId; generation: number },
): boolean => generation === state.generation && state.members.has(from);

/** Asked to begin a group, and did. */
export const created = (
  state: DeliveryState,
  { from, generation }: InputOf<'created'>,
  nowMs: number,
): Moved => {
  const { task } = state;
  const isAsked = task?.kind === 'create' && task.committer === from && state.waiting.has(from);
  if (!isAsked || generation !== state.generation) return refused(state, from, 'delivery.stale');
  const next: DeliveryState = {
    ...state,
    epoch: 0,
    members: new Map([[from, { isFilled: false }]]),
    waiting: withoutKeys(state.waiting, [from]),
    task: undefined,
    silent: new Set(),
    decliners: new Set(),
    changedAtMs: nowMs,
  };
  return moved(next, { kind: 'accepted', to: from, epoch: 0, commit: undefined });
};

/** RFC 9420 section 14: of the commits that would end one epoch exactly one does, the first that is in order. */
export const commit = (state: DeliveryState, input: Commit, nowMs: number): Moved => {
  const { from, epoch } = input;
  const about = { commit: input.commit.hash };
  if (!isOf(state, input)) return refused(state, from, 'delivery.not-a-member', about);
  if (epoch !== state.epoch)
    return refused(state, from, 'delivery.stale', { ...about, missed: missedSince(state, epoch) ?? [] });
  const fault = unsettledUntilMs(state, nowMs) === undefined ? faultOf(state, input) : 'delivery.unsettled';
  return fault === undefined ? accept(state, input, nowMs) : refused(state, from, fault, about);
};

/** The service may have somebody removed, never added whom it was not asked to add; members judge the rest. */
const faultOf = (
  state: DeliveryState,
  { from, removed, welcomes, tree }: Commit,
): DeliveryCode | undefined => {
  if (welcomes.size > 0 && tree === undefined) return 'delivery.no-tree';
  const removes = new Set(removed);
  const isOwed = departed(state).some((participant) => !removes.has(participant));
  // Who has lost the group knows no more what it commits to.
  if (isOwed || state.leaving.has(from)) return 'delivery.removals-first';
  const isNoMember = (participant: ParticipantId) =>
    !state.members.has(participant) || removes.has(participant);
  const mayAdd = (participant: ParticipantId) =>
    isNoMember(participant) && (state.waiting.has(participant) || state.task?.add.has(participant) === true);
  const mayRemove = (participant: ParticipantId) =>
    state.members.has(participant) && state.leaving.has(participant);
  const isAsked = removed.every(mayRemove) && [...welcomes.keys()].every(mayAdd);
  const isForNobody = removed.length === 0 && welcomes.size === 0;
  return isAsked && (!isForNobody || mayRenew(state, from)) ? undefined : 'delivery.not-asked';
};

/**
 * Who was asked in this epoch, who has yet to renew its path, and who is alone. Else one who commits for nobody, as soon as it may,
 * would always be the first, and keep all others waiting.
 */
const mayRenew = ({ task, silent, members }: DeliveryState, from: ParticipantId): boolean => {
  const wasAsked = task?.committer === from || silent.has(from);
  return wasAsked || members.size === 1 || members.get(from)?.isFilled === false;
};

const accept = (state: DeliveryState, input: Commit, nowMs: number): Moved => {
  const { from, welcomes, commit: blob } = input;
  const past = { epoch: state.epoch, commit: blob };
  const next: DeliveryState = {
    ...state,
    epoch: state.epoch + 1,
    members: membersAfter(state, input),
    waiting: withoutKeys(state.waiting, welcomes.keys()),
    leaving: leavingAfter(state, input),
    task: undefined,
    silent: new Set(),
    decliners: new Set(),
    isRenewalWanted: false,
    accepted: {
      by: from,
      members: state.members,
      added: addedBy(state, input),
      adoptedBy: new Set(),
      rejectedBy: new Set(),
    },
    history: kept([...state.history, past]),
    changedAtMs: nowMs,
  };
  return moved(next, ...tidings(state, input, past));
};

/** The newest, as many as the bounds let be, and one in any case. */
const kept = (history: readonly PastCommit[]): readonly PastCommit[] => {
  let bytes = 0;
  const first = history.findLastIndex(({ commit: blob }, at) => {
    bytes += blob.bytes;
    return bytes > MAX_HISTORY_BYTES && at < history.length - 1;
  });
  return history.slice(Math.max(first + 1, history.length - MAX_HISTORY));
};

/** Who was added again by it, and left meanwhile, has to be removed once more. */
const leavingAfter = (
  { leaving, waiting }: DeliveryState,
  { removed, welcomes }: Commit,
): ReadonlySet<ParticipantId> => {
  const isGone = (one: ParticipantId) => welcomes.has(one) && !waiting.has(one);
  return withoutItems(
    leaving,
    removed.filter((one) => !isGone(one)),
  );
};

/** Whoever commits renews the own path; but a commit that adds and does nothing else need have none (RFC 9420 section 12.4). */
const membersAfter = (
  { members }: DeliveryState,
  { from, removed, welcomes }: Commit,
): ReadonlyMap<ParticipantId, GroupMember> => {
  const hasPath = removed.length > 0 || welcomes.size === 0;
  const kept = withoutKeys(members, removed);
  const after = new Map(hasPath ? withKey(kept, from, { isFilled: true }) : kept);
  for (const participant of welcomes.keys()) after.set(participant, { isFilled: false });
  return after;
};

/** With what they wait again where the epoch is reopened; who left meanwhile does not. */
const addedBy = ({ waiting }: DeliveryState, { welcomes }: Commit) =>
  new Map(
    [...welcomes.keys()].flatMap((participant) => {
      const keyPackage = waiting.get(participant)?.keyPackage;
      return keyPackage === undefined ? [] : [[participant, keyPackage] as const];
    }),
  );

const tidings = (state: DeliveryState, input: Commit, past: PastCommit): DeliveryEffect[] => {
  const { generation, epoch, members } = state;
  const gone = new Set(input.removed);
  const to = [...members.keys()].filter((one) => one !== input.from && !gone.has(one));
  return [
    { kind: 'accepted', to: input.from, epoch: epoch + 1, commit: past.commit.hash },
    { kind: 'commit', to, generation, past, by: input.from },
    ...welcomesOf(state, input),
  ];
};

const welcomesOf = ({ generation, epoch }: DeliveryState, { welcomes, tree }: Commit): DeliveryEffect[] =>
  tree === undefined
    ? []
    : [...welcomes].map(([to, welcome]) => ({
        kind: 'welcome',
        to,
        generation,
        epoch: epoch + 1,
        welcome,
        tree,
      }));

/** A committer that is at it gets more time, so many times. */
export const working = (
  state: DeliveryState,
  { from, epoch, generation }: InputOf<'working'>,
  nowMs: number,
): Moved => {
  const { task } = state;
  const isIts = task?.committer === from && generation === state.generation && epoch === state.epoch;
  if (task === undefined || !isIts || task.extensions >= MAX_EXTENSIONS) return moved(state);
  const dueAtMs = nowMs + silentAfterMs(state.members.size);
  return moved({ ...state, task: { ...task, dueAtMs, extensions: task.extensions + 1 } });
};

/** All who are stopped by the same thing say so, and one commit serves them. Who is late hears what came meanwhile. */
export const renew = (state: DeliveryState, input: InputOf<'renew'>): Moved => {
  const isNow = isOf(state, input) && input.epoch === state.epoch;
  return isNow ? moved({ ...state, isRenewalWanted: true }) : catchUp(state, { ...input, kind: 'catch-up' });
};

export const catchUp = (state: DeliveryState, input: InputOf<'catch-up'>): Moved => {
  const { from, epoch } = input;
  if (!isOf(state, input)) return refused(state, from, 'delivery.not-a-member');
  const missed = missedSince(state, epoch);
  if (missed === undefined) return refused(state, from, 'delivery.too-old');
  return moved(state, { kind: 'caught-up', to: from, missed, head: state.history.at(-1)?.commit.hash });
};
