import assert from 'node:assert/strict';
import { it } from 'node:test';
import { asId, type ParticipantId, type ProducerId } from '../../../../src/base/ids.ts';
import { neededLayers } from '../../../../src/sfu/policy/need.ts';
import type { Ceiling } from '../../../../src/sfu/policy/view.ts';

const upTo = (spatialLayer: number): Ceiling => ({ spatialLayer, temporalLayer: 7 });
const receives = (name: string, ...streams: [string, number][]) =>
  [
    asId<ParticipantId>(name),
    new Map(streams.map(([producer, layer]) => [asId<ProducerId>(producer), upTo(layer)] as const)),
  ] as const;

it('needs of each producer what its most demanding receiver takes', () => {
  const layout = new Map([
    receives('b', ['camera', 0], ['screen', 7]),
    receives('c', ['camera', 1]),
    receives('d', ['camera', 0]),
    receives('e'),
  ]);
  assert.deepEqual(Object.fromEntries(neededLayers(layout)), { camera: 1, screen: 7 });
});
