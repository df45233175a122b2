import type { Scale } from '../markings/scale.ts';

/** What the deployment rules, not the meeting. */
export interface Law {
  readonly scale: Scale;
  /** Above this level of the scale some orders need two people; -1: at every level. */
  readonly twoPersonsAbove: number;
}

/** The authority signed the scale: relay and clients rule by the same one. */
export const lawOf = (scale: Scale): Law => ({
  scale,
  twoPersonsAbove: scale.levels.findIndex(({ id }) => id === scale.twoPersonsAbove),
});
