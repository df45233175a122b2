import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LAYER_REST_MS } from '../../../../src/sfu/room/limits.ts';
import { allLayers, nextLayers } from '../../../../src/sfu/room/step/needs.ts';
import { type RoomDriver, roomOf } from '../../../support/room-driver.ts';
import { vp9 } from '../../../support/room-media.ts';

const needsTold = (room: RoomDriver, name: string): number[] =>
  room.told(name).flatMap((event) => (event.kind === 'layers-needed' ? [event.spatialLayer] : []));

const prefer = (room: RoomDriver, name: string, spatialLayer: number): void => {
  const consumer = room.consumer(name, 'a', 'camera');
  assert.equal(room.does(name, { kind: 'prefer-layers', consumer, spatialLayer }), 'done');
};

const roomWithCamera = (...names: string[]): RoomDriver => {
  const room = roomOf('a', ...names);
  room.produce('a', 'camera');
  return room;
};

describe('layers that nobody needs', () => {
  it('are put to rest once nobody has needed them for a while', () => {
    const room = roomWithCamera('b', 'c');
    prefer(room, 'b', 0);
    assert.equal(room.wakeAtMs, undefined, 'c still takes all');
    prefer(room, 'c', 1);
    assert.equal(room.wakeAtMs, room.nowMs + LAYER_REST_MS);
    room.advance(LAYER_REST_MS - 1);
    assert.deepEqual(needsTold(room, 'a'), []);
    room.advance(1);
    const told = room.told('a').at(-1);
    assert.deepEqual(told, {
      kind: 'layers-needed',
      producer: room.producer('a', 'camera'),
      spatialLayer: 1,
    });
    assert.deepEqual([needsTold(room, 'b'), needsTold(room, 'c'), room.wakeAtMs], [[], [], undefined]);
  });

  it('come back at once when somebody needs them', () => {
    const room = roomWithCamera('b');
    prefer(room, 'b', 0);
    room.advance(LAYER_REST_MS);
    prefer(room, 'b', 2);
    assert.deepEqual(needsTold(room, 'a'), [0, 2]);
    assert.equal(room.wakeAtMs, undefined);
  });

  it('stay where somebody needs them again in time', () => {
    const room = roomWithCamera('b');
    prefer(room, 'b', 0);
    room.advance(LAYER_REST_MS - 1);
    prefer(room, 'b', 2);
    room.advance(LAYER_REST_MS);
    assert.deepEqual(needsTold(room, 'a'), []);
  });

  it('are all but the lowest while nobody receives, and all are needed by who comes', () => {
    const room = roomWithCamera();
    room.advance(LAYER_REST_MS);
    room.join('b', 2000);
    assert.deepEqual(needsTold(room, 'a'), [0, 2]);
    room.leave('b');
    room.advance(LAYER_REST_MS);
    assert.deepEqual(needsTold(room, 'a'), [0, 2, 0]);
  });

  it('do not exist where a stream is the only one', () => {
    const room = roomOf('a', 'b');
    room.produce('a', 'microphone');
    const transport = room.transport('a', 'send');
    room.does('a', { kind: 'produce', transport, source: 'camera', rtpParameters: vp9(), paused: false });
    prefer(room, 'b', 0);
    assert.equal(room.wakeAtMs, undefined);
  });

  it('are forgotten with the producer: the next one is asked for all', () => {
    const room = roomWithCamera('b');
    prefer(room, 'b', 0);
    room.advance(LAYER_REST_MS);
    room.produce('a', 'camera');
    room.advance(LAYER_REST_MS);
    assert.deepEqual(needsTold(room, 'a'), [0]);
  });

  it('never are what is needed, and change down no oftener than the rest time allows', () => {
    const moment = fc.record({ passMs: fc.nat(3 * LAYER_REST_MS), needed: fc.nat(7) });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(moment, { maxLength: 50 }),
        (encodings, moments) => {
          let layers = allLayers(encodings);
          let [nowMs, lowered] = [0, 0];
          for (const { passMs, needed } of moments) {
            nowMs += passMs;
            const before = layers.told;
            layers = nextLayers(layers, needed, nowMs);
            if (layers.told < before) lowered++;
            assert.ok(layers.told >= Math.min(needed, layers.top));
          }
          assert.ok(lowered <= nowMs / LAYER_REST_MS);
        },
      ),
    );
  });
});
