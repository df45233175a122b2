import type { ParticipantId } from '../../base/ids.ts';
import { type Moved, moved, refused } from './effects.ts';
import { hopelessAfterMs } from './limits.ts';
import type { DeliveryState } from './state.ts';

export const candidates = ({ members, leaving }: DeliveryState): ParticipantId[] =>
  [...members.keys()].filter((participant) => !leaving.has(participant));

const nextGeneration = (state: DeliveryState, nowMs: number): DeliveryState => ({
  ...state,
  generation: state.generation + 1,
  epoch: 0,
  members: new Map(),
  leaving: new Set(),
  task: undefined,
  silent: new Set(),
  decliners: new Set(),
  isRenewalWanted: false,
  accepted: undefined,
  history: [],
  changedAtMs: nowMs,
});

/** A new group with nobody in it; who was in the old one hears that it is in none, and enters. Who waits goes on waiting. */
export const restart = (state: DeliveryState, nowMs: number): Moved => {
  const lost = candidates(state).filter((participant) => !state.waiting.has(participant));
  const effects = lost.flatMap((one) => refused(state, one, 'delivery.not-a-member').effects);
  return moved(nextGeneration(state, nowMs), ...effects);
};

/**
 * As many as are left in the group have lost it, and are not let in again, however often those who are left were asked: one who hangs, or
 * commits for nobody, must not keep the others out. Fewer could make it so by key packages that nobody can answer for.
 */
const isHopeless = (state: DeliveryState, nowMs: number): boolean => {
  const { task, waiting, members } = state;
  if (task !== undefined) return false;
  const lost = [...waiting].filter(([participant]) => members.has(participant));
  const untilMs = nowMs - hopelessAfterMs(members.size);
  return lost.length >= candidates(state).length && lost.some(([, { sinceMs }]) => sinceMs <= untilMs);
};

/** Nobody is left who could commit, or who does: whoever waits begins a group of their own. */
export const begunAnew = (state: DeliveryState, nowMs: number): Moved => {
  const isOver = candidates(state).length === 0 || isHopeless(state, nowMs);
  return state.members.size > 0 && isOver ? restart(state, nowMs) : moved(state);
};
