import type { Bytes } from '../../src/base/bytes.ts';
import { Emitter } from '../../src/base/emitter.ts';
import { asId, type ProducerId, type RoomId, type TransportId, type WorkerId } from '../../src/base/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../../src/base/result.ts';
import type { RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import type {
  Engine,
  EngineEvent,
  EngineReply,
  EngineVerb,
  EngineVerbKind,
  WorkerDeath,
  WorkerStats,
} from '../../src/sfu/engine/port.ts';

/** What the fake's routers say that they route; a subset of the real ones in form and content. */
export const FAKE_RTP_CAPABILITIES: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 102,
      clockRate: 90_000,
      parameters: { apt: 101 },
    },
    {
      kind: 'video',
      mimeType: 'video/VP9',
      preferredPayloadType: 103,
      clockRate: 90_000,
      parameters: { 'profile-id': 0 },
    },
  ],
  headerExtensions: [{ kind: 'audio', uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', preferredId: 1 }],
};

const ICE = { usernameFragment: 'fake', password: 'fakefakefakefakefakefake', iceLite: true } as const;
const TRANSPORT: EngineReply = {
  kind: 'transport',
  iceParameters: ICE,
  iceCandidates: [
    { foundation: 'udp', priority: 1, address: '127.0.0.1', protocol: 'udp', port: 40_000, type: 'host' },
  ],
  dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] },
};

type Outcome = Result<EngineReply>;
const DONE: Outcome = ok({ kind: 'done' });
const unknown = (what: string): Outcome => refuse('media.unknown', `no such ${what}`);

interface Thing {
  readonly kind: 'transport' | 'producer' | 'consumer';
  readonly room: RoomId;
  /** Closing one of these ends this thing. */
  readonly parents: readonly string[];
  readonly rtpParameters?: RtpParameters;
  paused?: boolean;
  connected?: boolean;
}

type VerbOf<K extends EngineVerbKind> = Extract<EngineVerb, { readonly kind: K }>;
type Handlers = { readonly [K in EngineVerbKind]: (verb: VerbOf<K>) => Outcome };

/**
 * An engine in memory: answers plausibly, remembers every verb, and lets a test refuse or hold verbs, kill workers and
 * emit events. It forwards no media.
 */
export class FakeEngine implements Engine {
  /** Every verb in the order in which it was given, refused ones too. */
  readonly verbs: EngineVerb[] = [];
  closed = false;
  readonly #events = new Emitter<EngineEvent>((error) => {
    throw error;
  });
  readonly #workers = new Map<WorkerId, { alive: boolean }>();
  readonly #rooms = new Map<RoomId, WorkerId>();
  readonly #things = new Map<string, Thing>();
  readonly #watched = new Set<ProducerId>();
  readonly #refusals = new Map<EngineVerbKind, Refusal[]>();
  readonly #holds = new Map<EngineVerbKind, Promise<void>>();
  /** Which room an id was last given for: verbs that name no room find their queue by it. */
  readonly #roomOf = new Map<string, RoomId>();
  readonly #tails = new Map<RoomId, Promise<unknown>>();
  #started = 0;

  constructor(options: { readonly workers?: number } = {}) {
    for (let i = 0; i < (options.workers ?? 1); i++) this.startWorker();
  }

  run(verb: EngineVerb): Promise<Outcome> {
    this.verbs.push(verb);
    const room = this.#roomFor(verb);
    const before = room === undefined ? undefined : this.#tails.get(room);
    const outcome = (async () => {
      await before;
      await this.#holds.get(verb.kind);
      return this.#answer(verb);
    })();
    if (room !== undefined) this.#tails.set(room, outcome);
    return outcome;
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#events.on(listener);
  }

  stats(): readonly WorkerStats[] {
    return [...this.#workers].map(([worker, { alive }]) => this.#statsOf(worker, alive));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const state of this.#workers.values()) state.alive = false;
    for (const room of [...this.#rooms.keys()]) this.#forgetRoom(room);
  }

  /** All verbs of one kind so far. */
  verbsOf<K extends EngineVerbKind>(kind: K): VerbOf<K>[] {
    return this.verbs.filter((verb): verb is VerbOf<K> => verb.kind === kind);
  }

  /** The next `times` verbs of this kind are refused and change nothing. */
  refuseNext(kind: EngineVerbKind, code = 'media.refused', message = 'refused by the test', times = 1): void {
    const list = this.#refusals.get(kind) ?? [];
    for (let i = 0; i < times; i++) list.push({ code, message });
    this.#refusals.set(kind, list);
  }

  /** From now on verbs of this kind, and what their room was given after them, wait until the returned function is called. */
  hold(kind: EngineVerbKind): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#holds.set(kind, promise);
    return () => {
      if (this.#holds.get(kind) === promise) this.#holds.delete(kind);
      resolve();
    };
  }

  emit(event: EngineEvent): void {
    this.#events.emit(event);
  }

  /** One packet of a producer, as the witness would get it; nothing where nobody watches it. */
  packet(producer: ProducerId, packet: Bytes): void {
    const thing = this.#things.get(producer);
    if (thing && this.#watched.has(producer))
      this.emit({ kind: 'packet', room: thing.room, producer, packet });
  }

  /** Ends a worker and what lives on it, and tells it in the order of the real one. */
  killWorker(worker: WorkerId, why: WorkerDeath = 'crashed'): void {
    const state = this.#workers.get(worker);
    if (state) state.alive = false;
    const lost = [...this.#rooms].filter(([, one]) => one === worker).map(([room]) => room);
    for (const room of lost) this.#forgetRoom(room);
    this.emit({ kind: 'worker-died', worker, why });
    for (const room of lost) this.emit({ kind: 'router-lost', room, worker });
  }

  /** Ends a transport as a failed or closed DTLS session does: it and all on it are gone before it is told. */
  loseTransport(transport: TransportId): void {
    const thing = this.#find('transport', transport);
    if (!thing) return;
    this.#forget(transport);
    this.emit({ kind: 'transport-lost', room: thing.room, transport });
  }

  startWorker(): WorkerId {
    const worker = asId<WorkerId>(`w${++this.#started}`);
    this.#workers.set(worker, { alive: true });
    this.emit({ kind: 'worker-started', worker });
    return worker;
  }

  workerOf(room: RoomId): WorkerId | undefined {
    return this.#rooms.get(room);
  }

  has(id: string): boolean {
    return this.#things.has(id);
  }

  isPaused(id: string): boolean | undefined {
    return this.#things.get(id)?.paused;
  }

  #answer(verb: EngineVerb): Outcome {
    if (this.closed) return refuse('media.unavailable', 'the engine is closed');
    const refusal = this.#refusals.get(verb.kind)?.shift();
    if (refusal) return { ok: false, refusal };
    const handler = this.#handlers[verb.kind] as (verb: EngineVerb) => Outcome;
    return handler(verb);
  }

  readonly #handlers: Handlers = {
    'open-router': ({ room }) => this.#openRouter(room),
    'close-router': ({ room }) => {
      this.#forgetRoom(room);
      return DONE;
    },
    'create-transport': ({ room, transport }) =>
      this.#rooms.has(room)
        ? this.#add(transport, { kind: 'transport', room, parents: [] }, TRANSPORT)
        : unknown('room'),
    'connect-transport': ({ transport }) => this.#connect(transport),
    'restart-ice': ({ transport }) =>
      this.#find('transport', transport) ? ok({ kind: 'ice', iceParameters: ICE }) : unknown('transport'),
    'close-transport': ({ transport }) => this.#remove('transport', transport),
    produce: (verb) => this.#produce(verb),
    'pause-producer': ({ producer }) => this.#change('producer', producer, true),
    'resume-producer': ({ producer }) => this.#change('producer', producer, false),
    'close-producer': ({ producer }) => this.#remove('producer', producer),
    consume: (verb) => this.#consume(verb),
    'resume-consumer': ({ consumer }) => this.#change('consumer', consumer, false),
    'pause-consumer': ({ consumer }) => this.#change('consumer', consumer, true),
    'close-consumer': ({ consumer }) => this.#remove('consumer', consumer),
    'prefer-layers': ({ consumer }) => this.#change('consumer', consumer),
    'request-key-frame': ({ consumer }) => this.#change('consumer', consumer),
    watch: ({ room, producer }) => {
      if (this.#find('producer', producer)?.room !== room) return unknown('producer');
      this.#watched.add(producer);
      return DONE;
    },
  };

  #openRouter(room: RoomId): Outcome {
    if (this.#rooms.has(room)) return refuse('media.refused', 'the room has a router already');
    const worker = this.#leastLoaded();
    if (worker === undefined) return refuse('media.unavailable', 'no living worker');
    this.#rooms.set(room, worker);
    return ok({ kind: 'router', worker, rtpCapabilities: FAKE_RTP_CAPABILITIES });
  }

  #connect(transport: string): Outcome {
    const thing = this.#find('transport', transport);
    if (!thing) return unknown('transport');
    if (thing.connected) return refuse('media.refused', 'the transport is connected already');
    thing.connected = true;
    return DONE;
  }

  #produce({ transport, producer, rtpParameters, paused }: VerbOf<'produce'>): Outcome {
    const parent = this.#find('transport', transport);
    if (!parent) return unknown('transport');
    if (!rtpParameters.codecs.every(({ mimeType }) => isRouted(mimeType)))
      return refuse('media.refused', 'a codec that is not routed');
    const { room } = parent;
    return this.#add(producer, { kind: 'producer', room, parents: [transport], rtpParameters, paused });
  }

  #consume({ transport, consumer, producer, rtpCapabilities }: VerbOf<'consume'>): Outcome {
    const parent = this.#find('transport', transport);
    if (!parent) return unknown('transport');
    const source = this.#find('producer', producer);
    if (source?.rtpParameters === undefined || source.room !== parent.room) return unknown('producer');
    const { rtpParameters, paused } = source;
    const codecs = rtpParameters.codecs.filter(({ mimeType }) => supports(rtpCapabilities, mimeType));
    if (codecs.length === 0) return refuse('media.refused', 'the consumer cannot take this codec');
    const thing: Thing = {
      kind: 'consumer',
      room: parent.room,
      parents: [transport, producer],
      paused: true,
    };
    const encodings = [{ ssrc: 1000 + this.#things.size }];
    return this.#add(consumer, thing, {
      kind: 'consumer',
      rtpParameters: { ...rtpParameters, codecs, encodings, mid: String(this.#things.size) },
      producerPaused: paused ?? false,
    });
  }

  #add(id: string, thing: Thing, reply: EngineReply = { kind: 'done' }): Outcome {
    if (this.#things.has(id)) return refuse('media.refused', 'the id is in use');
    this.#things.set(id, thing);
    return ok(reply);
  }

  #find(kind: Thing['kind'], id: string): Thing | undefined {
    const thing = this.#things.get(id);
    return thing?.kind === kind ? thing : undefined;
  }

  #change(kind: Thing['kind'], id: string, paused?: boolean): Outcome {
    const thing = this.#find(kind, id);
    if (!thing) return unknown(kind);
    if (paused !== undefined) thing.paused = paused;
    return DONE;
  }

  #remove(kind: Thing['kind'], id: string): Outcome {
    if (!this.#find(kind, id)) return unknown(kind);
    this.#forget(id);
    return DONE;
  }

  #forget(id: string): void {
    this.#things.delete(id);
    this.#watched.delete(asId(id));
    for (const [child, { parents }] of [...this.#things]) if (parents.includes(id)) this.#forget(child);
  }

  #forgetRoom(room: RoomId): void {
    this.#rooms.delete(room);
    for (const [id, thing] of [...this.#things]) if (thing.room === room) this.#forget(id);
  }

  #roomFor(verb: EngineVerb): RoomId | undefined {
    const parent = 'room' in verb ? verb.room : this.#roomOf.get(idIn(verb));
    const made = 'consumer' in verb ? verb.consumer : 'producer' in verb ? verb.producer : undefined;
    if (verb.kind === 'create-transport') this.#roomOf.set(verb.transport, verb.room);
    else if ((verb.kind === 'produce' || verb.kind === 'consume') && made && parent)
      this.#roomOf.set(made, parent);
    return parent;
  }

  #leastLoaded(): WorkerId | undefined {
    const living = [...this.#workers].filter(([, { alive }]) => alive).map(([worker]) => worker);
    return living.sort((a, b) => this.#routersOn(a) - this.#routersOn(b))[0];
  }

  #routersOn(worker: WorkerId): number {
    return [...this.#rooms.values()].filter((one) => one === worker).length;
  }

  #statsOf(worker: WorkerId, alive: boolean): WorkerStats {
    const things = [...this.#things.values()].filter(({ room }) => this.#rooms.get(room) === worker);
    const count = (kind: Thing['kind']) => things.filter((thing) => thing.kind === kind).length;
    return {
      worker,
      alive,
      routers: this.#routersOn(worker),
      transports: count('transport'),
      producers: count('producer'),
      consumers: count('consumer'),
      cpuSeconds: 0,
      packetsIn: 0,
      packetsOut: 0,
      bitsIn: 0,
      bitsOut: 0,
      socketDrops: 0,
    };
  }
}

/** The id by which a verb that names no room finds it: its transport where it has one, as the parent of what it makes. */
function idIn(verb: EngineVerb): string {
  if ('transport' in verb) return verb.transport;
  return 'consumer' in verb ? verb.consumer : 'producer' in verb ? verb.producer : '';
}

function isRouted(mimeType: string): boolean {
  return FAKE_RTP_CAPABILITIES.codecs.some(
    (codec) => codec.mimeType.toLowerCase() === mimeType.toLowerCase(),
  );
}

function supports(capabilities: RtpCapabilities, mimeType: string): boolean {
  return capabilities.codecs.some((codec) => codec.mimeType.toLowerCase() === mimeType.toLowerCase());
}
