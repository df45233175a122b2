import { Emitter } from '../../src/base/emitter.ts';
import {
  asId,
  type Branded,
  type ConsumerId,
  type MeetingId,
  type ParticipantId,
  type ProducerId,
  type TransportId,
} from '../../src/base/ids.ts';
import type { Direction, MediaEvent, MediaReply, MediaRequest, Source } from '../../src/base/media.ts';
import { ok, type Refusal, type Result, refuse } from '../../src/base/result.ts';
import type { RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import type { MediaPlane } from '../../src/signaling/ports.ts';

const CAPABILITIES: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
  ],
  headerExtensions: [],
};
const ICE = { usernameFragment: 'fake', password: 'fakefakefakefakefakefake', iceLite: true };

interface Producer {
  readonly producer: ProducerId;
  readonly source: Source;
  readonly rtpParameters: RtpParameters;
  paused: boolean;
}

interface Person {
  readonly number: number;
  readonly transports: Map<TransportId, { readonly direction: Direction; connected: boolean }>;
  readonly producers: Map<ProducerId, Producer>;
  readonly consumers: Map<ConsumerId, ProducerId>;
  receives: boolean;
}

type Room = Map<ParticipantId, Person>;
type RequestOf<Kind extends MediaRequest['kind']> = Extract<MediaRequest, { kind: Kind }>;

interface Asking {
  readonly meeting: MeetingId;
  readonly room: Room;
  readonly participant: ParticipantId;
  readonly me: Person;
}

type Handlers = {
  readonly [Kind in MediaRequest['kind']]: (asking: Asking, request: RequestOf<Kind>) => Result<MediaReply>;
};

const DONE: Result<MediaReply> = ok({ kind: 'done' });
const unknown = (what: string) => refuse('media.unknown', `no such ${what}`);

/** The media side in memory: rooms, transports and streams behave, nothing flows. Settles in the next microtask. */
export class FakeMediaPlane implements MediaPlane {
  /** What was asked, in order. */
  readonly asked: { readonly participant: ParticipantId; readonly request: MediaRequest }[] = [];
  readonly left: ParticipantId[] = [];
  readonly stopped: { readonly participant: ParticipantId; readonly sources: readonly Source[] }[] = [];
  /** The newest of each. */
  readonly expected = new Map<ParticipantId, readonly number[]>();
  readonly closedRooms: MeetingId[] = [];
  /** Answers `openRoom` with this while set. */
  openRefusal: Refusal | undefined;
  enterRefusal: Refusal | undefined;
  /** While set, answers wait for this promise. */
  gate: Promise<void> | undefined;
  /** While set, requests reject with it: a broken bridge. */
  failure: Error | undefined;
  readonly #rooms = new Map<MeetingId, Room>();
  readonly #events = new Emitter<{ meeting: MeetingId; to: ParticipantId; event: MediaEvent }>((error) => {
    throw error;
  });
  #nextId = 1;
  #onCall = () => {};

  /** Settles when the next room is opened or the next request arrives, before it is answered. */
  nextCall(): Promise<void> {
    return new Promise((resolve) => {
      this.#onCall = resolve;
    });
  }

  async openRoom(meeting: MeetingId): Promise<Result<RtpCapabilities>> {
    this.#onCall();
    await this.gate;
    if (this.openRefusal !== undefined) return { ok: false, refusal: this.openRefusal };
    if (!this.#rooms.has(meeting)) this.#rooms.set(meeting, new Map());
    return ok(CAPABILITIES);
  }

  closeRoom(meeting: MeetingId): void {
    this.closedRooms.push(meeting);
    this.#rooms.delete(meeting);
  }

  enter(meeting: MeetingId, participant: ParticipantId, number: number): Result<undefined> {
    const room = this.#rooms.get(meeting);
    if (room === undefined) return unknown('room');
    if (this.enterRefusal !== undefined) return { ok: false, refusal: this.enterRefusal };
    if (room.has(participant)) return refuse('media.already-in', 'entered before');
    if ([...room.values()].some((person) => person.number === number))
      return refuse('media.number-taken', 'the number is in use');
    room.set(participant, {
      number,
      transports: new Map(),
      producers: new Map(),
      consumers: new Map(),
      receives: false,
    });
    return ok(undefined);
  }

  expectSenders(meeting: MeetingId, numbers: ReadonlyMap<ParticipantId, readonly number[]>): void {
    for (const [participant, expected] of numbers)
      if (this.#rooms.get(meeting)?.has(participant)) this.expected.set(participant, expected);
  }

  leave(meeting: MeetingId, participant: ParticipantId): void {
    this.left.push(participant);
    const room = this.#rooms.get(meeting);
    const me = room?.get(participant);
    if (room === undefined || me === undefined) return;
    room.delete(participant);
    for (const producer of me.producers.keys()) this.#dropConsumersOf(meeting, room, producer);
  }

  mute(meeting: MeetingId, participant: ParticipantId): void {
    const room = this.#rooms.get(meeting);
    const me = room?.get(participant);
    const microphone = me?.producers.values().find(({ source }) => source === 'microphone');
    if (room !== undefined && me !== undefined && microphone !== undefined)
      this.#setPaused({ meeting, room, participant, me }, microphone.producer, true);
  }

  stop(meeting: MeetingId, participant: ParticipantId, sources: readonly Source[]): void {
    this.stopped.push({ participant, sources });
    const room = this.#rooms.get(meeting);
    const me = room?.get(participant);
    if (room === undefined || me === undefined) return;
    for (const { producer, source } of [...me.producers.values()]) {
      if (!sources.includes(source)) continue;
      me.producers.delete(producer);
      this.#dropConsumersOf(meeting, room, producer);
      this.emit(meeting, participant, { kind: 'producer-removed', producer, why: 'stopped' });
    }
  }

  #wasStopped(since: number, who: ParticipantId, source: Source): boolean {
    const later = this.stopped.slice(since);
    return later.some(({ participant, sources }) => participant === who && sources.includes(source));
  }

  sourceOf(meeting: MeetingId, participant: ParticipantId, producer: ProducerId): Source | undefined {
    return this.#rooms.get(meeting)?.get(participant)?.producers.get(producer)?.source;
  }

  async request(
    meeting: MeetingId,
    participant: ParticipantId,
    request: MediaRequest,
  ): Promise<Result<MediaReply>> {
    this.asked.push({ participant, request });
    this.#onCall();
    const before = this.stopped.length;
    await this.gate;
    if (request.kind === 'produce' && this.#wasStopped(before, participant, request.source))
      return refuse('media.gone', 'stopped while it was made');
    if (this.failure !== undefined) throw this.failure;
    const room = this.#rooms.get(meeting);
    const me = room?.get(participant);
    if (room === undefined || me === undefined) return unknown('participant');
    const handler = this.#handlers[request.kind] as (
      asking: Asking,
      request: MediaRequest,
    ) => Result<MediaReply>;
    return handler({ meeting, room, participant, me }, request);
  }

  onEvent(listener: (meeting: MeetingId, to: ParticipantId, event: MediaEvent) => void): () => void {
    return this.#events.on(({ meeting, to, event }) => listener(meeting, to, event));
  }

  /** What the real thing would tell by itself. */
  emit(meeting: MeetingId, to: ParticipantId, event: MediaEvent): void {
    this.#events.emit({ meeting, to, event });
  }

  readonly #handlers: Handlers = {
    'create-transport': ({ me }, { direction }) => {
      const transport = this.#mint<TransportId>('transport');
      me.transports.set(transport, { direction, connected: false });
      return ok(offerOf(transport));
    },
    'connect-transport': ({ me }, { transport }) => {
      const held = me.transports.get(transport);
      if (held === undefined) return unknown('transport');
      if (held.connected) return refuse('media.order', 'connected before');
      held.connected = true;
      return DONE;
    },
    'restart-ice': ({ me }, { transport }) =>
      me.transports.has(transport) ? ok({ kind: 'ice', iceParameters: ICE }) : unknown('transport'),
    produce: (asking, request) => this.#produce(asking, request),
    'pause-producer': (asking, { producer }) => this.#setPaused(asking, producer, true),
    'resume-producer': (asking, { producer }) => this.#setPaused(asking, producer, false),
    'close-producer': ({ meeting, room, me }, { producer }) => {
      if (!me.producers.delete(producer)) return unknown('producer');
      this.#dropConsumersOf(meeting, room, producer);
      return DONE;
    },
    receive: (asking, request) => this.#receive(asking, request),
    'resume-consumer': ({ me }, { consumer }) => ownConsumer(me, consumer),
    'pause-consumer': ({ me }, { consumer }) => ownConsumer(me, consumer),
    'prefer-layers': ({ me }, { consumer }) => ownConsumer(me, consumer),
    'request-key-frame': ({ me }, { consumer }) => ownConsumer(me, consumer),
  };

  #produce({ meeting, room, participant, me }: Asking, request: RequestOf<'produce'>): Result<MediaReply> {
    const direction = me.transports.get(request.transport)?.direction;
    if (direction === undefined) return unknown('transport');
    if (direction !== 'send') return refuse('media.invalid', 'that transport receives');
    const { source, rtpParameters, paused } = request;
    for (const older of [...me.producers.values()].filter((one) => one.source === source)) {
      me.producers.delete(older.producer);
      this.#dropConsumersOf(meeting, room, older.producer);
    }
    const made = { producer: this.#mint<ProducerId>('producer'), source, rtpParameters, paused };
    me.producers.set(made.producer, made);
    for (const [to, other] of room)
      if (to !== participant && other.receives) this.#consume(meeting, to, other, participant, made);
    return ok({ kind: 'producer', producer: made.producer });
  }

  #receive({ meeting, room, participant, me }: Asking, { transport }: RequestOf<'receive'>) {
    const direction = me.transports.get(transport)?.direction;
    if (direction === undefined) return unknown('transport');
    if (direction !== 'receive') return refuse('media.invalid', 'that transport sends');
    if (!me.receives)
      for (const [owner, other] of room)
        if (owner !== participant)
          for (const made of other.producers.values()) this.#consume(meeting, participant, me, owner, made);
    me.receives = true;
    return DONE;
  }

  #consume(meeting: MeetingId, to: ParticipantId, me: Person, owner: ParticipantId, made: Producer): void {
    const consumer = this.#mint<ConsumerId>('consumer');
    me.consumers.set(consumer, made.producer);
    const { producer, source, rtpParameters, paused } = made;
    this.emit(meeting, to, {
      kind: 'consumer-added',
      consumer,
      producer,
      participant: owner,
      source,
      rtpParameters,
      producerPaused: paused,
    });
  }

  #dropConsumersOf(meeting: MeetingId, room: Room, producer: ProducerId): void {
    for (const { to, me, consumer } of consumersOf(room, producer)) {
      me.consumers.delete(consumer);
      this.emit(meeting, to, { kind: 'consumer-removed', consumer });
    }
  }

  #setPaused({ meeting, room, me }: Asking, producer: ProducerId, paused: boolean): Result<MediaReply> {
    const made = me.producers.get(producer);
    if (made === undefined) return unknown('producer');
    if (made.paused === paused) return DONE;
    made.paused = paused;
    const kind = paused ? 'consumer-paused' : 'consumer-resumed';
    for (const { to, consumer } of consumersOf(room, producer)) this.emit(meeting, to, { kind, consumer });
    return DONE;
  }

  #mint<Id extends Branded<string>>(what: string): Id {
    return asId<Id>(`${what}-${this.#nextId++}`);
  }
}

const ownConsumer = (me: Person, consumer: ConsumerId): Result<MediaReply> =>
  me.consumers.has(consumer) ? DONE : unknown('consumer');

const consumersOf = (room: Room, producer: ProducerId) =>
  [...room].flatMap(([to, me]) =>
    [...me.consumers].filter(([, of]) => of === producer).map(([consumer]) => ({ to, me, consumer })),
  );

const offerOf = (transport: TransportId): MediaReply => ({
  kind: 'transport',
  transport,
  iceParameters: ICE,
  iceCandidates: [
    { foundation: 'fake', priority: 1, address: '127.0.0.1', protocol: 'udp', port: 40_000, type: 'host' },
  ],
  dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] },
});
