import type { ParticipantId, ProducerId } from '../../base/ids.ts';
import type { Ceiling, Layout } from './view.ts';

interface Stream {
  readonly receiver: ParticipantId;
  readonly producer: ProducerId;
}

/** One step from a layout to another. */
export type PlanAction =
  | ({ readonly kind: 'add'; readonly ceiling: Ceiling } & Stream)
  | ({ readonly kind: 'remove' } & Stream)
  | ({ readonly kind: 'set-layers'; readonly ceiling: Ceiling } & Stream);

type Streams = ReadonlyMap<ProducerId, Ceiling>;
const NONE: Streams = new Map();

const same = (a: Ceiling, b: Ceiling): boolean =>
  a.spatialLayer === b.spatialLayer && a.temporalLayer === b.temporalLayer;

const removals = (receiver: ParticipantId, before: Streams, after: Streams): PlanAction[] =>
  [...before.keys()]
    .filter((producer) => !after.has(producer))
    .map((producer) => ({ kind: 'remove', receiver, producer }));

const additions = (receiver: ParticipantId, before: Streams, after: Streams): PlanAction[] =>
  [...after].flatMap(([producer, ceiling]): PlanAction[] => {
    const held = before.get(producer);
    if (held === undefined) return [{ kind: 'add', receiver, producer, ceiling }];
    return same(held, ceiling) ? [] : [{ kind: 'set-layers', receiver, producer, ceiling }];
  });

/** The actions that turn `before` into `after`, removals first: they free what the additions take. */
export const plan = (before: Layout, after: Layout): PlanAction[] => {
  const receivers = [...new Set([...before.keys(), ...after.keys()])];
  const each = (diff: typeof removals) =>
    receivers.flatMap((one) => diff(one, before.get(one) ?? NONE, after.get(one) ?? NONE));
  return [...each(removals), ...each(additions)];
};
