import type { ParticipantId } from '../../../base/ids.ts';
import { neededLayers } from '../../policy/need.ts';
import type { Layout } from '../../policy/view.ts';
import { LAYER_REST_MS } from '../limits.ts';
import type { Producer, RoomState, SenderLayers } from './state.ts';
import { change, type Turn, tell, withEntry } from './turn.ts';

/** Of a producer of so many streams: all are sent until told otherwise. */
export const allLayers = (encodings: number): SenderLayers => {
  const top = Math.max(0, encodings - 1);
  return { top, told: top, lowerAtMs: undefined };
};

/**
 * More is told at once, as somebody waits for it; less only after it has held. The lowest layer is never put to rest: it
 * keeps the stream's clock and bandwidth estimate warm, so that whoever comes sees a picture at once.
 */
export const nextLayers = (layers: SenderLayers, needed: number, nowMs: number): SenderLayers => {
  const wanted = Math.min(needed, layers.top);
  if (wanted === layers.told)
    return layers.lowerAtMs === undefined ? layers : { ...layers, lowerAtMs: undefined };
  if (wanted > layers.told) return { ...layers, told: wanted, lowerAtMs: undefined };
  const lowerAtMs = layers.lowerAtMs ?? nowMs + LAYER_REST_MS;
  return nowMs < lowerAtMs ? { ...layers, lowerAtMs } : { ...layers, told: wanted, lowerAtMs: undefined };
};

/** Tells senders which of their layers anybody needs. Call it with each new layout, and when `layersDueAtMs` has come. */
export const tellNeeds = (turn: Turn, layout: Layout): void => {
  const needed = neededLayers(layout);
  for (const { participant, producers } of turn.state.participants.values())
    for (const producer of producers.values())
      if (producer.live) follow(turn, participant, producer, needed.get(producer.producer) ?? 0);
};

const follow = (turn: Turn, who: ParticipantId, held: Producer, needed: number): void => {
  const layers = nextLayers(held.layers, needed, turn.nowMs);
  const producers = turn.state.participants.get(who)?.producers;
  if (layers === held.layers || producers === undefined) return;
  change(turn, who, { producers: withEntry(producers, held.source, { ...held, layers }) });
  if (layers.told === held.layers.told) return;
  tell(turn, who, { kind: 'layers-needed', producer: held.producer, spatialLayer: layers.told });
};

/** When the first layer that nobody needs may be put to rest; `undefined` while there is none. */
export const layersDueAtMs = ({ participants }: RoomState): number | undefined => {
  const due = [...participants.values()].flatMap(({ producers }) =>
    [...producers.values()].flatMap(({ layers }) => layers.lowerAtMs ?? []),
  );
  return due.length === 0 ? undefined : Math.min(...due);
};
