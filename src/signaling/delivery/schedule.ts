import type { ParticipantId } from '../../base/ids.ts';
import { withItem, withKey } from './collections.ts';
import { type DeliveryEffect, type DeliveryStep, type Moved, moved } from './effects.ts';
import { begunAnew, candidates } from './generations.ts';
import { BATCH_MS, BATCH_PEOPLE, PACE_MS, RENEW_PAUSE_MS, ROTATE_MS, silentAfterMs } from './limits.ts';
import { departed } from './people.ts';
import { unsettledUntilMs } from './rejections.ts';
import type { Blob, DeliveryState, Task } from './state.ts';

type Work = Pick<Task, 'kind' | 'add' | 'remove'> & { readonly by?: ParticipantId };

const NOTHING: Pick<Work, 'add' | 'remove'> = { add: new Map(), remove: [] };

/** Looks at what is due now, has it asked for, and says when to look again. */
export const schedule = ({ state: before, effects }: Moved, nowMs: number): DeliveryStep => {
  const current = begunAnew(withoutSilent(tidied(before), nowMs), nowMs);
  const { state, effects: asked } = ask(current.state, nowMs);
  return {
    state,
    effects: [...effects, ...current.effects, ...asked],
    wakeAtMs: unsettledUntilMs(state, nowMs) ?? wakeAtMs(state),
  };
};

/** Who is out of the group, or has lost it, commits nothing; and nobody has to be removed who is neither in it nor about to be. */
const tidied = (state: DeliveryState): DeliveryState => {
  const { leaving, members } = state;
  const task = state.task && leaving.has(state.task.committer) ? undefined : state.task;
  const kept = [...leaving].filter((one) => members.has(one) || task?.add.has(one) === true);
  const isSame = kept.length === leaving.size && task === state.task;
  return isSame ? state : { ...state, task, leaving: new Set(kept) };
};

/** A committer whose time is over is passed over in this epoch. */
const withoutSilent = (state: DeliveryState, nowMs: number): DeliveryState => {
  const { task } = state;
  if (task === undefined || nowMs < task.dueAtMs) return state;
  const { committer } = task;
  const silent = withItem(state.silent, committer);
  const member = state.members.get(committer);
  // A turn that was missed is not offered again: the tree is only less filled.
  const members =
    task.kind === 'update' && member !== undefined
      ? withKey(state.members, committer, { ...member, isFilled: true })
      : state.members;
  return { ...state, members, task: undefined, silent };
};

const ask = (state: DeliveryState, nowMs: number): Moved => {
  if (unsettledUntilMs(state, nowMs) !== undefined) return moved(state);
  const work = workDue(state, nowMs);
  if (work === undefined || isAskedFor(state, work)) return moved(state);
  const committer = work.by ?? elect(state, work);
  if (committer === undefined) return moved(state);
  const { kind, add, remove } = work;
  const dueAtMs = nowMs + silentAfterMs(state.members.size + add.size);
  const task = { kind, committer, add, remove, dueAtMs, extensions: 0 };
  return moved({ ...state, task }, question(state, task));
};

/** A task under way is left alone, but by a removal that it does not hold; who waits comes before who renews a path. */
const isAskedFor = (state: DeliveryState, { kind }: Work): boolean => {
  const { task } = state;
  if (task === undefined || kind !== 'commit') return task !== undefined;
  return task.kind === 'commit' && departed(state).every((participant) => task.remove.includes(participant));
};

const workDue = (state: DeliveryState, nowMs: number): Work | undefined => {
  if (state.members.size === 0) return state.waiting.size === 0 ? undefined : { kind: 'create', ...NOTHING };
  return (
    removalDue(state) ?? renewalDue(state, nowMs) ?? additionDue(state, nowMs) ?? updateDue(state, nowMs)
  );
};

/** At once, and with nothing beside it that takes time. */
const removalDue = (state: DeliveryState): Work | undefined => {
  const remove = departed(state);
  return remove.length === 0 ? undefined : { kind: 'commit', ...NOTHING, remove };
};

/** Before who waits: somebody who cannot be added must not keep those silent who can seal nothing. */
const renewalDue = ({ isRenewalWanted, changedAtMs }: DeliveryState, nowMs: number): Work | undefined =>
  isRenewalWanted && nowMs >= changedAtMs + RENEW_PAUSE_MS ? { kind: 'commit', ...NOTHING } : undefined;

/** Those who are new, and those who have lost the group: they may hear what is sealed meanwhile, and so can wait like the others. */
const additionDue = ({ waiting, members }: DeliveryState, nowMs: number): Work | undefined => {
  const batch = [...waiting].slice(0, BATCH_PEOPLE);
  const [first] = batch;
  if (first === undefined) return undefined;
  if (batch.length < BATCH_PEOPLE && nowMs < first[1].sinceMs + BATCH_MS) return undefined;
  const add = new Map<ParticipantId, Blob>(
    batch.map(([participant, { keyPackage }]) => [participant, keyPackage]),
  );
  return { kind: 'commit', add, remove: [...add.keys()].filter((participant) => members.has(participant)) };
};

const updateDue = (state: DeliveryState, nowMs: number): Work | undefined => {
  if (state.waiting.size > 0 || state.members.size < 2) return undefined;
  const [next] = [...state.members].find(([, { isFilled }]) => !isFilled) ?? [];
  if (next !== undefined && nowMs >= state.changedAtMs + PACE_MS)
    return { kind: 'update', by: next, ...NOTHING };
  return nowMs >= state.changedAtMs + ROTATE_MS ? { kind: 'update', ...NOTHING } : undefined;
};

/** By turns, so that nobody pays for all; who was silent in this epoch comes last, before them who did not want a joiner. */
const elect = (state: DeliveryState, work: Work): ParticipantId | undefined => {
  const { silent, decliners, waiting } = state;
  const doubters = new Set([...work.add.keys()].map((one) => waiting.get(one)?.declinedBy));
  const all = electable(state, work);
  const heard = all.filter((one) => !silent.has(one));
  const others = heard.filter((one) => !doubters.has(one));
  const willing = others.filter((one) => !decliners.has(one));
  const from = [willing, others, heard].find(({ length }) => length > 0) ?? all;
  return from[state.epoch % Math.max(1, from.length)];
};

const electable = (state: DeliveryState, { kind, remove }: Work): ParticipantId[] => {
  const gone = new Set(remove);
  return kind === 'create' ? [...state.waiting.keys()] : candidates(state).filter((one) => !gone.has(one));
};

const question = (
  { generation, epoch }: DeliveryState,
  { kind, committer: to, add, remove }: Task,
): DeliveryEffect =>
  kind === 'create'
    ? { kind: 'ask-create', to, generation }
    : { kind: 'ask-commit', to, generation, epoch, add, remove };

const wakeAtMs = (state: DeliveryState): number | undefined => {
  const { task, waiting, members, changedAtMs } = state;
  const [first] = waiting.values();
  const batchAtMs = first && first.sinceMs + BATCH_MS;
  // Who waits comes before who renews a path, also one that does not answer.
  if (task?.kind === 'update') return Math.min(task.dueAtMs, batchAtMs ?? task.dueAtMs);
  if (task !== undefined) return task.dueAtMs;
  if (batchAtMs !== undefined) return batchAtMs;
  if (members.size < 2) return undefined;
  const isUnfilled = [...members.values()].some(({ isFilled }) => !isFilled);
  if (isUnfilled) return changedAtMs + PACE_MS;
  return changedAtMs + (state.isRenewalWanted ? RENEW_PAUSE_MS : ROTATE_MS);
};
