import type { ParticipantId } from '../../base/ids.ts';
import { type Moved, moved, refused } from './effects.ts';
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
  accepted: undefined,
  history: [],
  changedAtMs: nowMs,
});

/** Nobody is left who could commit: whoever waits begins a group of their own. */
export const begunAnew = (state: DeliveryState, nowMs: number): DeliveryState =>
  state.members.size === 0 || candidates(state).length > 0 ? state : nextGeneration(state, nowMs);

/** A new group with nobody in it; who was in the old one hears that it is in none, and enters. Who waits goes on waiting. */
export const restart = (state: DeliveryState, nowMs: number): Moved => {
  const lost = candidates(state).filter((participant) => !state.waiting.has(participant));
  const effects = lost.flatMap((one) => refused(state, one, 'delivery.not-a-member').effects);
  return moved(nextGeneration(state, nowMs), ...effects);
};
