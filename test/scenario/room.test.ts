import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';
import {
  asId,
  type ConsumerId,
  type ParticipantId,
  type ProducerId,
  type RoomId,
  type TransportId,
} from '../../src/base/ids.ts';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { type Direction, type MediaEvent, mediaKindOf, type Source } from '../../src/base/media.ts';
import type { Result } from '../../src/base/result.ts';
import { MAX_REOPEN_FAILURES, MAX_ROOMS } from '../../src/sfu/room/limits.ts';
import { createRooms, type Rooms } from '../../src/sfu/room/rooms.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { CAPABILITIES, DTLS, opus, vp8 } from '../support/room-media.ts';
import { plainOpusPacket, sealedOpusPacket } from '../support/sealed-packets.ts';

const ROOM = asId<RoomId>('belfry');
const OTHER = asId<RoomId>('chapel');

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code);

/** Random enough for tests, the same each time. */
const countingBytes = () => {
  let next = 0;
  return (size: number) => Uint8Array.from({ length: size }, () => (next = (next * 73 + 41) & 0xff));
};

/** Rooms on a fake engine, and what everybody was told. */
class Stage {
  readonly engine: FakeEngine;
  readonly clock = new FakeClock();
  readonly rooms: Rooms;
  readonly told: { readonly room: RoomId; readonly to: string; readonly event: MediaEvent }[] = [];
  readonly lost: RoomId[] = [];
  readonly logged: [string, LogFields | undefined][] = [];

  constructor(workers = 1) {
    this.engine = new FakeEngine({ workers });
    const log = (event: string, fields?: LogFields) => void this.logged.push([event, fields]);
    const logger: Logger = { info: log, warn: log, error: log };
    this.rooms = createRooms({
      engine: this.engine,
      clock: this.clock,
      randomBytes: countingBytes(),
      logger,
    });
    this.rooms.onEvent((room, to, event) => void this.told.push({ room, to, event }));
    this.rooms.onLost((room) => void this.lost.push(room));
  }

  async open(room = ROOM): Promise<this> {
    assert.equal(codeOf(await this.rooms.openRoom(room)), 'ok');
    return this;
  }

  async join(name: string, number: number, room = ROOM): Promise<Person> {
    const person = new Person(this.rooms, room, asId<ParticipantId>(name));
    assert.equal(codeOf(this.rooms.enter(room, person.id, number)), 'ok');
    await person.connect();
    return person;
  }

  eventsOf(to: string, room = ROOM): MediaEvent[] {
    return this.told.filter((one) => one.room === room && one.to === to).map(({ event }) => event);
  }

  kindsOf(to: string, room = ROOM): string[] {
    return this.eventsOf(to, room).map(({ kind }) => kind);
  }

  /** The engine has answered everything that was asked so far, and what follows from it. */
  async quiet(): Promise<void> {
    for (let verbs = -1; verbs !== this.engine.verbs.length; await turnOver())
      verbs = this.engine.verbs.length;
  }

  consumer(to: string): ConsumerId {
    const added = this.eventsOf(to).findLast((event) => event.kind === 'consumer-added');
    assert.ok(added, `${to} was told of no consumer`);
    return added.consumer;
  }
}

/** A participant's side, as the SDK would drive it. */
class Person {
  readonly id: ParticipantId;
  readonly #rooms: Rooms;
  readonly #room: RoomId;
  readonly #transports = new Map<Direction, TransportId>();

  constructor(rooms: Rooms, room: RoomId, id: ParticipantId) {
    this.#rooms = rooms;
    this.#room = room;
    this.id = id;
  }

  request(request: Parameters<Rooms['request']>[2]) {
    return this.#rooms.request(this.#room, this.id, request);
  }

  async connect(): Promise<void> {
    for (const direction of ['send', 'receive'] as const) await this.#connect(direction);
    const transport = this.transport('receive');
    const received = await this.request({ kind: 'receive', transport, rtpCapabilities: CAPABILITIES });
    assert.equal(codeOf(received), 'ok');
  }

  transport(direction: Direction): TransportId {
    const transport = this.#transports.get(direction);
    assert.ok(transport);
    return transport;
  }

  async produce(source: Source): Promise<ProducerId> {
    const made = await this.tryProduce(source);
    assert.ok(made.ok && made.value.kind === 'producer', codeOf(made));
    return made.value.producer;
  }

  tryProduce(source: Source) {
    const transport = this.transport('send');
    const rtpParameters = mediaKindOf(source) === 'audio' ? opus() : vp8();
    return this.request({ kind: 'produce', transport, source, rtpParameters, paused: false });
  }

  async #connect(direction: Direction): Promise<void> {
    const made = await this.request({ kind: 'create-transport', direction });
    assert.ok(made.ok && made.value.kind === 'transport', codeOf(made));
    const { transport } = made.value;
    this.#transports.set(direction, transport);
    const connected = await this.request({ kind: 'connect-transport', transport, dtlsParameters: DTLS });
    assert.equal(codeOf(connected), 'ok');
  }
}

describe('a room', () => {
  it('lets people send, receive, pause and leave', async () => {
    const stage = await new Stage().open();
    const [a, b] = [await stage.join('a', 1), await stage.join('b', 2)];
    const camera = await a.produce('camera');
    await stage.quiet();
    const consumer = stage.consumer('b');
    assert.equal(stage.engine.isPaused(consumer), true);
    assert.equal(codeOf(await b.request({ kind: 'resume-consumer', consumer })), 'ok');
    assert.equal(stage.engine.isPaused(consumer), false);
    await a.request({ kind: 'pause-producer', producer: camera });
    await a.request({ kind: 'resume-producer', producer: camera });
    stage.rooms.leave(ROOM, a.id);
    await stage.quiet();
    const expected = ['consumer-added', 'consumer-paused', 'consumer-resumed', 'consumer-removed'];
    assert.deepEqual(stage.kindsOf('b'), expected);
    for (const id of [camera, consumer, a.transport('send'), a.transport('receive')])
      assert.equal(stage.engine.has(id), false);
    const witness = { framesSeen: 0, framesInClear: 0, wrongSender: 0 };
    assert.deepEqual(stage.rooms.stats(), { rooms: 1, participants: 1, producers: 0, consumers: 0, witness });
  });

  it('is opened once, however many ask', async () => {
    const stage = new Stage();
    const results = await Promise.all([1, 2, 3].map(() => stage.rooms.openRoom(ROOM)));
    assert.deepEqual(results.map(codeOf), ['ok', 'ok', 'ok']);
    assert.equal(stage.engine.verbsOf('open-router').length, 1);
  });

  it('that could not be opened leaves nothing behind and can be asked for again', async () => {
    const stage = new Stage(0);
    assert.equal(codeOf(await stage.rooms.openRoom(ROOM)), 'media.unavailable');
    assert.equal(stage.rooms.stats().rooms, 0);
    assert.deepEqual(stage.lost, []);
    stage.engine.startWorker();
    assert.equal(codeOf(await stage.rooms.openRoom(ROOM)), 'ok');
  });

  it('does not exist before it is opened', async () => {
    const { rooms } = new Stage();
    const a = asId<ParticipantId>('a');
    assert.equal(codeOf(rooms.enter(ROOM, a, 1)), 'media.unknown');
    const request = { kind: 'create-transport', direction: 'send' } as const;
    assert.equal(codeOf(await rooms.request(ROOM, a, request)), 'media.unknown');
    rooms.leave(ROOM, a);
    rooms.closeRoom(ROOM);
  });

  it('refuses a second participant of the same id or number', async () => {
    const stage = await new Stage().open();
    const a = await stage.join('a', 1);
    assert.equal(codeOf(stage.rooms.enter(ROOM, a.id, 2)), 'media.already-in');
    assert.equal(codeOf(stage.rooms.enter(ROOM, asId('b'), 1)), 'media.number-taken');
  });

  it('passes a refusal on to the one who asked and to nobody else', async () => {
    const stage = await new Stage().open();
    const [a] = [await stage.join('a', 1), await stage.join('b', 2)];
    stage.engine.refuseNext('produce', 'media.refused');
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.refused');
    stage.engine.refuseNext('watch', 'media.unavailable');
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.unavailable');
    await stage.quiet();
    assert.deepEqual(stage.told, []);
    await a.produce('camera');
    await stage.quiet();
    assert.deepEqual(stage.kindsOf('b'), ['consumer-added']);
  });

  it('answers what waits when its participant leaves, and cleans up what the engine then makes', async () => {
    const stage = await new Stage().open();
    const a = await stage.join('a', 1);
    const release = stage.engine.hold('produce');
    const waiting = [a.tryProduce('camera'), a.tryProduce('microphone')];
    stage.rooms.leave(ROOM, a.id);
    const answers = await Promise.all(waiting);
    assert.deepEqual(answers.map(codeOf), ['media.unavailable', 'media.unavailable']);
    release();
    await stage.quiet();
    const [worker] = stage.engine.stats();
    assert.deepEqual([worker?.transports, worker?.producers, worker?.consumers], [0, 0, 0]);
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.unknown');
  });

  it('answers with unavailable where the engine breaks its promise and throws', async () => {
    const stage = await new Stage().open();
    const a = await stage.join('a', 1);
    stage.engine.run = async () => {
      throw new Error('broken');
    };
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.unavailable');
    assert.ok(stage.logged.some(([event]) => event === 'room.verb-failed'));
  });

  it('touches no other room', async () => {
    const stage = await new Stage().open();
    await stage.open(OTHER);
    const a = await stage.join('a', 1);
    await stage.join('b', 2);
    const stranger = await stage.join('a', 1, OTHER);
    const camera = await a.produce('camera');
    await stranger.produce('camera');
    await stage.quiet();
    assert.deepEqual(stage.kindsOf('b'), ['consumer-added']);
    assert.deepEqual(stage.kindsOf('a', OTHER), []);
    assert.equal(
      codeOf(await stranger.request({ kind: 'close-producer', producer: camera })),
      'media.unknown',
    );
    const transport = a.transport('send');
    assert.equal(codeOf(await stranger.request({ kind: 'restart-ice', transport })), 'media.unknown');
    stage.rooms.closeRoom(OTHER);
    await stage.quiet();
    assert.equal(stage.engine.has(camera), true);
    assert.equal(stage.rooms.stats().rooms, 1);
  });

  it('can be closed and opened again at once', async () => {
    const stage = await new Stage().open();
    const a = await stage.join('a', 1);
    const waiting = a.request({ kind: 'restart-ice', transport: a.transport('send') });
    stage.rooms.closeRoom(ROOM);
    const again = stage.rooms.openRoom(ROOM);
    assert.deepEqual([codeOf(await waiting), codeOf(await again)], ['media.unavailable', 'ok']);
    assert.equal(stage.rooms.stats().participants, 0);
    assert.equal(codeOf(stage.rooms.enter(ROOM, a.id, 1)), 'ok');
    assert.deepEqual(stage.lost, []);
  });
});

describe('the witness of a room', () => {
  it('counts what was sealed and ends what is not, telling the operator without a name', async () => {
    const stage = await new Stage().open();
    const a = await stage.join('a', 70_001);
    await stage.join('b', 70_002);
    const voice = await a.produce('microphone');
    await stage.quiet();
    stage.engine.packet(voice, sealedOpusPacket(70_001));
    assert.deepEqual(stage.kindsOf('a'), []);
    stage.engine.packet(voice, plainOpusPacket());
    await stage.quiet();
    const removed = { kind: 'producer-removed', producer: voice, why: 'wrong-sender' };
    assert.deepEqual(stage.eventsOf('a'), [removed]);
    assert.deepEqual(stage.kindsOf('b'), ['consumer-added', 'consumer-removed']);
    assert.equal(stage.engine.has(voice), false);
    assert.deepEqual(stage.rooms.witnessOf(ROOM), { framesSeen: 2, framesInClear: 0, wrongSender: 1 });
    const [, fields] = stage.logged.find(([event]) => event === 'room.seen-in-clear') ?? [];
    assert.equal(fields?.source, 'microphone');
    assert.match(String(fields?.participant), /^~[0-9a-f]{8}$/);
    assert.match(String(fields?.room), /^~[0-9a-f]{8}$/);
  });

  it('keeps the totals of rooms that are over', async () => {
    const stage = await new Stage().open();
    const a = await stage.join('a', 70_001);
    const voice = await a.produce('microphone');
    stage.engine.packet(voice, sealedOpusPacket(70_001));
    stage.rooms.closeRoom(ROOM);
    assert.equal(stage.rooms.witnessOf(ROOM).framesSeen, 0);
    assert.equal(stage.rooms.stats().witness.framesSeen, 1);
  });
});

describe('a room whose worker dies', () => {
  it('goes on with another worker, and everybody starts anew', async () => {
    const stage = await new Stage(2).open();
    const [a, b] = [await stage.join('a', 1), await stage.join('b', 2)];
    const first = await a.produce('camera');
    await stage.quiet();
    const worker = stage.engine.workerOf(ROOM);
    assert.ok(worker);
    const release = stage.engine.hold('restart-ice');
    const waiting = b.request({ kind: 'restart-ice', transport: b.transport('send') });
    stage.engine.killWorker(worker);
    assert.equal(codeOf(await waiting), 'media.unavailable');
    release();
    await stage.quiet();
    for (const name of ['a', 'b']) assert.equal(stage.kindsOf(name).at(-1), 'media-reset');
    assert.notEqual(stage.engine.workerOf(ROOM), worker);
    await a.connect();
    await b.connect();
    assert.notEqual(await a.produce('camera'), first);
    await stage.quiet();
    assert.deepEqual(stage.kindsOf('b'), ['consumer-added', 'media-reset', 'consumer-added']);
    assert.deepEqual(stage.lost, []);
  });

  it('waits for a worker to start, without anybody asking', async () => {
    const stage = await new Stage(1).open();
    const a = await stage.join('a', 1);
    const worker = stage.engine.workerOf(ROOM);
    assert.ok(worker);
    stage.engine.killWorker(worker);
    await stage.quiet();
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.unavailable');
    stage.clock.advance(1_000);
    await stage.quiet();
    stage.engine.startWorker();
    stage.clock.advance(1_000);
    await stage.quiet();
    assert.deepEqual(stage.kindsOf('a'), ['media-reset']);
    assert.equal(stage.clock.pendingTimers, 0);
  });

  it('is lost where none starts, which is told once, and nothing goes on after it', async () => {
    const stage = await new Stage(1).open();
    await stage.open(OTHER);
    const a = await stage.join('a', 1);
    const worker = stage.engine.workerOf(ROOM);
    assert.ok(worker);
    stage.engine.killWorker(worker);
    for (let n = 0; n < MAX_REOPEN_FAILURES; n++) {
      await stage.quiet();
      stage.clock.advance(60_000);
    }
    assert.deepEqual(stage.lost, [ROOM, OTHER]);
    assert.equal(stage.rooms.stats().rooms, 0);
    assert.equal(stage.clock.pendingTimers, 0);
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.unknown');
    stage.engine.startWorker();
    assert.equal(codeOf(await stage.rooms.openRoom(ROOM)), 'ok');
  });
});

describe('all rooms', () => {
  it('are as many as one process may have', async () => {
    const { rooms } = new Stage();
    const open = (n: number) => rooms.openRoom(asId<RoomId>(`room-${n}`)).then(codeOf);
    const codes = await Promise.all(Array.from({ length: MAX_ROOMS + 1 }, (_, n) => open(n)));
    assert.deepEqual(new Set(codes.slice(0, MAX_ROOMS)), new Set(['ok']));
    assert.equal(codes.at(-1), 'media.limit');
    rooms.closeRoom(asId('room-0'));
    assert.equal(await open(MAX_ROOMS), 'ok');
  });

  it('leave no timer when they are closed', async () => {
    const stage = await new Stage(1).open();
    const worker = stage.engine.workerOf(ROOM);
    assert.ok(worker);
    stage.engine.killWorker(worker);
    await stage.quiet();
    assert.equal(stage.clock.pendingTimers, 1);
    stage.rooms.close();
    assert.equal(stage.clock.pendingTimers, 0);
  });

  it('tell every listener in the same order, also where one of them causes the next event', async () => {
    const stage = await new Stage().open();
    const [a] = [await stage.join('a', 1), await stage.join('b', 2)];
    stage.rooms.onEvent((_, __, { kind }) => {
      if (kind === 'consumer-added') stage.rooms.leave(ROOM, a.id);
    });
    const kinds: string[] = [];
    stage.rooms.onEvent((_, __, { kind }) => void kinds.push(kind));
    await a.produce('camera');
    await stage.quiet();
    assert.deepEqual(kinds, ['consumer-added', 'consumer-removed']);
  });

  it('close together, for good', async () => {
    const stage = await new Stage().open();
    await stage.open(OTHER);
    const a = await stage.join('a', 1);
    stage.rooms.close();
    assert.equal(codeOf(await a.tryProduce('camera')), 'media.unknown');
    assert.equal(codeOf(await stage.rooms.openRoom(ROOM)), 'media.unavailable');
    await stage.quiet();
    assert.equal(stage.engine.workerOf(ROOM), undefined);
    assert.equal(stage.engine.closed, false, 'the engine is its maker’s to close');
  });

  it('run what a listener asks for in its turn, and survive one that throws', async () => {
    const stage = await new Stage().open();
    const [a, b] = [await stage.join('a', 1), await stage.join('b', 2)];
    const resumed: Promise<Result<unknown>>[] = [];
    stage.rooms.onEvent(() => {
      throw new Error('a listener’s own');
    });
    stage.rooms.onEvent((_, __, event) => {
      if (event.kind !== 'consumer-added') return;
      resumed.push(b.request({ kind: 'resume-consumer', consumer: event.consumer }));
      assert.equal(codeOf(stage.rooms.enter(ROOM, asId('c'), 3)), 'ok');
    });
    await a.produce('camera');
    await stage.quiet();
    assert.deepEqual((await Promise.all(resumed)).map(codeOf), ['ok']);
    assert.ok(stage.logged.some(([event]) => event === 'room.listener-failed'));
  });
});
