import { z } from 'zod';
import { isId } from '../../base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { distinct } from '../statement/schemas.ts';
import type { Scale } from './scale.ts';

const MAX_GROUPS_OF_ONE = 64;
const id = z.string().refine(isId, 'is no id');

/** A level and groups as statements name them: of a meeting what it asks for, of a person what it grants. */
export const labelSchema = z.strictObject({
  scale: id,
  level: id,
  groups: z.array(id).max(MAX_GROUPS_OF_ONE).refine(distinct, 'holds a group twice'),
});
export type Label = z.infer<typeof labelSchema>;

/** A label whose words were found in a scale. */
export interface Rank {
  readonly scale: string;
  /** Higher is more. */
  readonly level: number;
  readonly groups: ReadonlySet<string>;
}

export type LabelCode = 'label.other-scale' | 'label.unknown-level' | 'label.unknown-group';

/** A word that the scale does not know is refused, never passed over: it may be the one that matters. */
export const rankOf = (label: Label, scale: Scale): Result<Rank, Refusal<LabelCode>> => {
  if (label.scale !== scale.scale) return refuse('label.other-scale', 'the label is of another scale');
  const level = scale.levels.findIndex(({ id }) => id === label.level);
  if (level < 0) return refuse('label.unknown-level', 'the scale has no such level');
  const known = new Set(scale.groups.map(({ id }) => id));
  if (!label.groups.every((group) => known.has(group)))
    return refuse('label.unknown-group', 'the scale has no such group');
  return ok({ scale: label.scale, level, groups: new Set(label.groups) });
};

/** Whether `clearance` suffices for `marking`: a partial order, because groups are not more or less than each other. */
export const covers = (clearance: Rank, marking: Rank): boolean =>
  clearance.scale === marking.scale &&
  clearance.level >= marking.level &&
  [...marking.groups].every((group) => clearance.groups.has(group));
