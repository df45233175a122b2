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

const VIEWERS = ['b', 'c', 'd'] as const;
const TOP = 2;

/** Somebody comes, leaves, or wishes for a layer, after a while. */
const act = fc.record({
  passMs: fc.oneof(fc.constant(0), fc.nat(2 * LAYER_REST_MS)),
  who: fc.constantFrom(...VIEWERS),
  what: fc.oneof(fc.constantFrom('come' as const, 'leave' as const), fc.nat(TOP)),
});

/** What each viewer who is there takes, kept apart from the room's own state. */
class Viewers {
  readonly wishes = new Map<string, number>();
  readonly #room: RoomDriver;
  #comings = 0;

  constructor(room: RoomDriver) {
    this.#room = room;
  }

  get needed(): number {
    return Math.max(0, ...this.wishes.values());
  }

  do(who: string, what: 'come' | 'leave' | number): void {
    if (what === 'come') {
      this.#come(who);
    } else if (!this.wishes.has(who)) {
      return;
    } else if (what === 'leave') {
      this.#room.leave(who);
      this.wishes.delete(who);
    } else {
      prefer(this.#room, who, what);
      this.wishes.set(who, what);
    }
  }

  #come(who: string): void {
    if (this.wishes.has(who)) return;
    this.#room.join(who, 2000 + this.#comings++);
    this.wishes.set(who, TOP);
  }
}

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

  it('never are what a viewer of a room takes, whoever comes, leaves and wishes, and rest in the end', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const room = roomWithCamera();
        const viewers = new Viewers(room);
        const told = () => needsTold(room, 'a').at(-1) ?? TOP;
        for (const { passMs, who, what } of acts) {
          room.advance(passMs);
          viewers.do(who, what);
          assert.ok(told() >= viewers.needed);
        }
        room.advance(LAYER_REST_MS);
        assert.equal(told(), viewers.needed);
        assert.equal(room.wakeAtMs, undefined);
      }),
    );
  });
});
