import type { ProducerId } from '../../base/ids.ts';
import type { Layout } from './view.ts';

/** The highest spatial layer that any receiver of a layout is to be sent, by producer. Who reaches nobody is absent. */
export const neededLayers = (layout: Layout): ReadonlyMap<ProducerId, number> => {
  const needed = new Map<ProducerId, number>();
  for (const streams of layout.values())
    for (const [producer, { spatialLayer }] of streams)
      needed.set(producer, Math.max(spatialLayer, needed.get(producer) ?? 0));
  return needed;
};
