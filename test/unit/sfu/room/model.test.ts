import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';
import fc from 'fast-check';
import { asId, type ConsumerId } from '../../../../src/base/ids.ts';
import { type MediaRequest, mediaKindOf, SOURCES, type Source } from '../../../../src/base/media.ts';
import type { EngineVerb, EngineVerbKind } from '../../../../src/sfu/engine/port.ts';
import { CONSUME_RETRY_MS } from '../../../../src/sfu/room/limits.ts';
import type { Participant } from '../../../../src/sfu/room/step/state.ts';
import { FakeEngine } from '../../../support/fake-engine.ts';
import { person, ROOM, RoomDriver } from '../../../support/room-driver.ts';
import { CAPABILITIES, DTLS, opus, vp8 } from '../../../support/room-media.ts';
import { plainOpusPacket, sealedOpusPacket } from '../../../support/sealed-packets.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const VOICE = { codecs: CAPABILITIES.codecs.filter(({ kind }) => kind === 'audio'), headerExtensions: [] };
const numberOf = (name: string): number => 70_000 + name.charCodeAt(0);

/** A room's step with the fake engine behind it, as the shell would run them, but for what a test wants to see. */
class World {
  readonly engine = new FakeEngine({ workers: 2 });
  readonly room = new RoomDriver();
  readonly asks: number[] = [];
  /** What each participant believes to receive, from its events alone. */
  readonly believed = new Map<string, Set<ConsumerId>>();
  /** Who was told something while not in the room. */
  readonly strays: string[] = [];
  #ran = 0;
  #told = 0;

  constructor() {
    this.engine.onEvent((event) => 'room' in event && this.act(() => this.room.hear(event)));
    this.act(() => this.asks.push(this.room.open()));
  }

  act(change: () => void): void {
    change();
    this.#runVerbs();
    this.#readEvents();
  }

  ask(name: string, request: MediaRequest): void {
    this.act(() => this.asks.push(this.room.ask(name, request)));
  }

  participant(name: string): Participant | undefined {
    return this.room.state.participants.get(person(name));
  }

  async quiet(): Promise<void> {
    for (let turns = 0; this.room.state.pending.size > 0; turns++) {
      assert.ok(turns < 1000, 'the room waits for a reply that does not come');
      await turnOver();
    }
    await turnOver();
  }

  /** Time passes until no consumer is missing: the engine's refusals do not last for ever. */
  async consumeLateOnes(): Promise<void> {
    while (this.room.state.consumeAgainAtMs !== undefined) {
      this.act(() => this.room.advance(CONSUME_RETRY_MS));
      await this.quiet();
    }
  }

  #runVerbs(): void {
    const fresh = this.room.effects.filter((effect) => effect.kind === 'verb').slice(this.#ran);
    this.#ran += fresh.length;
    for (const { verb, call } of fresh)
      void this.engine.run(verb).then((result) => {
        if (call !== undefined) this.act(() => this.room.feed({ kind: 'reply', call, result }));
      });
  }

  #readEvents(): void {
    const fresh = this.room.effects.filter((effect) => effect.kind === 'tell').slice(this.#told);
    this.#told += fresh.length;
    for (const { to, event } of fresh) {
      if (!this.participant(to)) this.strays.push(`${to} ${event.kind}`);
      const believed = this.believed.get(to) ?? new Set();
      this.believed.set(to, believed);
      if (event.kind === 'media-reset') believed.clear();
      if (event.kind === 'consumer-added') assert.ok(believed.size < believed.add(event.consumer).size);
      if (event.kind === 'consumer-removed') assert.ok(believed.delete(event.consumer), 'was never added');
    }
  }
}

/** What may happen, each drawn with four numbers that pick its details. */
type Act = (world: World, pick: Picker) => void | Promise<void>;
class Picker {
  readonly #numbers: readonly number[];
  #at = 0;
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }
  of<T>(choices: readonly T[]): T | undefined {
    return choices[(this.#numbers[this.#at++ % this.#numbers.length] ?? 0) % Math.max(1, choices.length)];
  }
  name(): string {
    return this.of(NAMES) ?? 'a';
  }
}

const transports = (world: World) =>
  NAMES.flatMap((name) => [...(world.participant(name)?.transports.values() ?? [])]);
const producers = (world: World) => [...world.room.state.owners.keys()];
const consumers = (world: World) =>
  NAMES.flatMap((name) => [...(world.participant(name)?.consumers.values() ?? [])]);

const produce = (world: World, name: string, source: Source, paused: boolean): void => {
  const transport = world.participant(name)?.transports.get('send')?.transport ?? asId('none');
  const rtpParameters = mediaKindOf(source) === 'audio' ? opus() : vp8();
  world.ask(name, { kind: 'produce', transport, source, rtpParameters, paused });
};

const join = async (world: World, name: string): Promise<void> => {
  if (!world.participant(name)) world.believed.delete(name);
  world.act(() => world.room.enter(name, numberOf(name)));
  for (const direction of ['send', 'receive'] as const)
    world.ask(name, { kind: 'create-transport', direction });
  await world.quiet();
  const transport = world.participant(name)?.transports.get('receive')?.transport ?? asId('none');
  world.ask(name, { kind: 'receive', transport, rtpCapabilities: CAPABILITIES });
};

const ACTS: Readonly<Record<string, Act>> = {
  'join whole': (world, pick) => join(world, pick.name()),
  enter: (world, pick) => {
    const name = pick.name();
    if (!world.participant(name)) world.believed.delete(name);
    world.act(() => world.room.enter(name, numberOf(name)));
  },
  'leave, now and then': (world, pick) => {
    const name = pick.of([...NAMES, ...'------------']) ?? '-';
    world.act(() => world.room.leave(name));
  },
  'create a transport': (world, pick) =>
    world.ask(pick.name(), {
      kind: 'create-transport',
      direction: pick.of(['send', 'receive'] as const) ?? 'send',
    }),
  'connect a transport of anybody': (world, pick) => {
    const transport = pick.of(transports(world))?.transport;
    if (transport) world.ask(pick.name(), { kind: 'connect-transport', transport, dtlsParameters: DTLS });
  },
  produce: (world, pick) =>
    produce(world, pick.name(), pick.of(SOURCES) ?? 'camera', pick.of([true, false]) ?? false),
  receive: (world, pick) => {
    const name = pick.name();
    const transport = world.participant(name)?.transports.get('receive')?.transport ?? asId('none');
    const rtpCapabilities = pick.of([CAPABILITIES, CAPABILITIES, VOICE]) ?? VOICE;
    world.ask(name, { kind: 'receive', transport, rtpCapabilities });
  },
  'pause, resume or close a producer of anybody': (world, pick) => {
    const producer = pick.of(producers(world));
    const kind = pick.of(['pause-producer', 'resume-producer', 'close-producer'] as const);
    if (producer && kind) world.ask(pick.name(), { kind, producer });
  },
  'touch a consumer of anybody': (world, pick) => {
    const consumer = pick.of(consumers(world))?.consumer;
    const kind = pick.of(['pause-consumer', 'resume-consumer', 'request-key-frame'] as const);
    if (consumer && kind) world.ask(pick.name(), { kind, consumer });
  },
  'prefer layers': (world, pick) => {
    const name = pick.name();
    const consumer = pick.of([...(world.participant(name)?.consumers.values() ?? [])])?.consumer;
    if (consumer) world.ask(name, { kind: 'prefer-layers', consumer, spatialLayer: pick.of([0, 1, 2]) ?? 0 });
  },
  'refuse a verb, now and then': (world, pick) => {
    const kinds: readonly EngineVerbKind[] = [
      'produce',
      'watch',
      'create-transport',
      'open-router',
      'consume',
    ];
    const kind = pick.of([...kinds, undefined, undefined, undefined, undefined]);
    if (kind) world.engine.refuseNext(kind, 'media.unavailable');
  },
  'show a packet': (world, pick) => {
    const producer = pick.of(producers(world));
    const owner = producer && world.room.state.owners.get(producer);
    const sealed = sealedOpusPacket(numberOf(owner ?? 'a'));
    if (producer) world.engine.packet(producer, pick.of([sealed, sealed, plainOpusPacket()]) ?? sealed);
  },
  'lose a transport': (world, pick) => {
    const transport = pick.of(transports(world))?.transport;
    const lose = pick.of([true, false, false]) === true;
    if (!transport || !lose) return;
    void world.engine.run({ kind: 'close-transport', transport });
    world.engine.emit({ kind: 'transport-lost', room: ROOM, transport });
  },
  'kill the worker and start another': (world, pick) => {
    const worker = world.engine.workerOf(ROOM);
    if (worker && pick.of([true, false, false])) world.engine.killWorker(worker);
    if (worker) world.engine.startWorker();
  },
  'let time pass': (world) => world.act(() => world.room.advance(500)),
  'let the engine answer': async (world) => world.quiet(),
  'let the engine answer a little': async () => {
    await Promise.resolve();
  },
};

const idsMadeBy = (verb: EngineVerb): string[] => {
  if (verb.kind === 'create-transport') return [verb.transport];
  if (verb.kind === 'produce') return [verb.producer];
  return verb.kind === 'consume' ? [verb.consumer] : [];
};

/** What holds at any moment. */
const checkAlways = ({ room, asks, strays }: World): void => {
  const { participants, owners, pending, phase } = room.state;
  const all = [...participants.values()];
  const made = all.flatMap((one) => [...one.producers.values()].map(({ producer }) => producer));
  assert.deepEqual([...owners.keys()].sort(), made.sort(), 'owners are an index of producers');
  for (const one of all) {
    assert.ok(
      one.consumers.keys().every((producer) => owners.get(producer) !== one.participant),
      'own stream',
    );
    assert.ok(
      one.consumers.keys().every((producer) => owners.has(producer)),
      'consumer of nothing',
    );
    assert.ok(
      one.preferred.keys().every((producer) => owners.has(producer)),
      'preference for nothing',
    );
  }
  const open = pending.values().reduce((sum, one) => sum + ('ask' in one ? 1 : 0), 0);
  const openers = phase.kind === 'opening' || phase.kind === 'reopening' ? phase.openers.length : 0;
  assert.equal(
    room.answers.size + room.openings.size + open + openers,
    asks.length,
    'each request in one place',
  );
  assert.deepEqual(strays, [], 'nobody outside is told anything');
};

/** What the room promises of its consumers, worked out again from who sends and who receives. */
const expectedConsumers = ({ room }: World): string[] => {
  const all = [...room.state.participants.values()];
  return all.flatMap((receiver) =>
    all
      .filter(({ participant }) => participant !== receiver.participant)
      .flatMap(({ producers }) => [...producers.values()])
      .filter(({ codec }) =>
        receiver.rtpCapabilities?.codecs.some((c) => c.mimeType.toLowerCase().endsWith(codec)),
      )
      .map(({ producer }) => `${receiver.participant} ${producer}`),
  );
};

/** What holds once the engine has answered everything. */
const checkQuiet = (world: World): void => {
  const { room, engine, believed } = world;
  checkAlways(world);
  if (room.state.phase.kind !== 'open') return;
  assert.equal(room.state.pending.size, 0);
  const all = [...room.state.participants.values()];
  const held = all.flatMap((one) => [...one.consumers.values()].map((consumer) => ({ one, consumer })));
  assert.ok(held.every(({ consumer }) => consumer.standing === 'live'));
  const links = held.map(({ one, consumer }) => `${one.participant} ${consumer.producer}`);
  assert.deepEqual(links.sort(), expectedConsumers(world).sort());
  for (const one of all) {
    const live = one.consumers.values().map(({ consumer }) => consumer);
    assert.deepEqual(new Set(live), believed.get(one.participant) ?? new Set(), 'what it was told of');
  }
  const sum = (key: 'transports' | 'producers' | 'consumers') => [
    engine.stats().reduce((total, stats) => total + stats[key], 0),
    all.reduce((n, one) => n + one[key].size, 0),
  ];
  for (const key of ['transports', 'producers', 'consumers'] as const) {
    const [inEngine, inRoom] = sum(key);
    assert.equal(inEngine, inRoom, `${key} in the engine`);
  }
};

/** `BELFRY_ROOM_RUNS=100000` is the long form. */
const RUNS = Number(process.env.BELFRY_ROOM_RUNS ?? 2_000);

describe('a room under anything that may happen', () => {
  it('answers each request once, forwards exactly what policy wants, and leaves nothing behind', async () => {
    const numbers = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 });
    const often = ['join whole', 'produce', 'produce', 'produce', 'let the engine answer'];
    const act = fc.tuple(fc.constantFrom(...Object.keys(ACTS), ...often), numbers);
    let forwarded = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 100, maxLength: 120 }), async (acts) => {
        const world = new World();
        await world.quiet();
        for (const name of NAMES.slice(2)) await join(world, name);
        for (const [name, numbers] of acts) {
          await ACTS[name]?.(world, new Picker(numbers));
          checkAlways(world);
        }
        await world.quiet();
        await world.consumeLateOnes();
        checkQuiet(world);
        forwarded += world.believed.values().reduce((sum, set) => sum + set.size, 0);
        const ids = world.room.verbs().flatMap(idsMadeBy);
        assert.equal(new Set(ids).size, ids.length, 'no id is minted twice');
        for (const name of NAMES) world.act(() => world.room.leave(name));
        await world.quiet();
        checkQuiet(world);
        world.act(() => world.room.feed({ kind: 'close' }));
        checkAlways(world);
        assert.equal(world.asks.length, world.room.answers.size + world.room.openings.size);
      }),
      { seed: 3, numRuns: RUNS },
    );
    assert.ok(forwarded > 100, `the runs forward something: ${forwarded}`);
  });
});
