import assert from 'node:assert/strict';
import { toBase64Url } from '../../src/base/bytes.ts';
import type { Clock } from '../../src/base/clock.ts';
import { asId, type ConsumerId, type ParticipantId, type ProducerId } from '../../src/base/ids.ts';
import type { IceServer, Source } from '../../src/base/media.ts';
import type { Refusal } from '../../src/base/result.ts';
import type { RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import type { OpenSocket, Socket, SocketHandlers } from '../../src/client/connection/socket.ts';
import type { CloseCode } from '../../src/signaling/protocol/codes.ts';
import {
  type Announcement,
  ackSchema,
  type Credentials,
  type Request,
  type RequestKind,
  type RequestOf,
  type RosterEntry,
  requestSchemas,
  type ServerEvent,
} from '../../src/signaling/protocol/messages.ts';
import type { Vouched } from '../../src/trust/statement/vouched.ts';
import { FakeChain } from './fake-chain.ts';
import { BLOB_TOKEN, FakeGroup } from './fake-group.ts';

export const HEARTBEAT_MS = 1_000;

export const ROUTER: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90_000 },
  ],
  headerExtensions: [],
};

const ICE = { usernameFragment: 'fragment', password: 'password', iceLite: true };
const DTLS = { fingerprints: [{ algorithm: 'sha-256', value: '00:11' }] } as const;

/** The server's end of one socket. Both directions arrive later, in order, and several messages at one go. */
class FakeSocket implements Socket {
  session: FakeSession | undefined;
  readonly #server: FakeServer;
  readonly #handlers: SocketHandlers;
  #toClient: (() => void)[] = [];
  #isOpen = true;

  constructor(server: FakeServer, handlers: SocketHandlers) {
    this.#server = server;
    this.#handlers = handlers;
    this.#later(() => handlers.onOpen());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(text: string): void {
    this.#server.texts.push(text);
    this.#server.carry(() => this.#isOpen && this.#server.receive(this, text));
  }

  bufferedBytes(): number {
    return 0;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#server.gone(this);
  }

  deliver(message: object): void {
    this.#later(() => this.#isOpen && this.#handlers.onMessage(JSON.stringify(message)));
  }

  cut(reason: CloseCode | ''): void {
    this.#later(() => {
      if (!this.#isOpen) return;
      this.close();
      this.#handlers.onClose(reason);
    });
  }

  #later(run: () => void): void {
    this.#toClient.push(run);
    if (this.#toClient.length > 1) return;
    this.#server.carry(() => {
      const all = this.#toClient;
      this.#toClient = [];
      for (const each of all) each();
    });
  }
}

interface FakeConsumer {
  readonly consumer: ConsumerId;
  readonly producer: ProducerId;
}

/** What outlives a socket: the sequence, and the participant with its media. */
class FakeSession {
  readonly id: string;
  readonly outbox: object[] = [];
  readonly answered = new Map<number, object>();
  readonly producers = new Map<
    ProducerId,
    { source: Source; rtpParameters: RtpParameters; paused: boolean }
  >();
  readonly consumers = new Map<ConsumerId, FakeConsumer & { resumed: boolean }>();
  socket: FakeSocket | undefined;
  participant: ParticipantId | undefined;
  announcement: Announcement | undefined;
  credentials: Credentials | undefined;
  /** Rotated with every hello, as servers do. */
  secret = '';
  isReceiving = false;
  lastRequestId = 0;

  constructor(id: string) {
    this.id = id;
  }

  say(content: object): void {
    const message = { seq: this.outbox.length + 1, ...content };
    this.outbox.push(message);
    this.socket?.deliver(message);
  }

  event(event: ServerEvent): void {
    this.say({ event });
  }
}

type Handlers = {
  readonly [Kind in RequestKind]?: (session: FakeSession, request: RequestOf<Kind>) => object | Refusal;
};

const isRefusal = (answer: object | Refusal): answer is Refusal => 'code' in answer && 'message' in answer;

/**
 * belfry.v1 in memory, with one meeting and no media: consumers get the producer's own RTP parameters. It checks every
 * request with the protocol's schemas, and can be told to do what networks and servers do at their worst.
 */
export class FakeServer {
  /** Every text that any client sent. */
  readonly texts: string[] = [];
  /** Requests in the order of their execution. */
  readonly executed: Request[] = [];
  /** Every hello, which no list of requests has. */
  readonly hellos: RequestOf<'hello'>[] = [];
  /** Nonces in the order in which they were given. */
  readonly nonces: string[] = [];
  /** Of the one meeting. */
  charter: Vouched | undefined;
  /** Of that meeting, where its keys come from a group. */
  group: FakeGroup | undefined;
  /** What a relay that lies makes of everybody whom it shows. */
  alter: (entry: RosterEntry) => RosterEntry = (entry) => entry;
  /** Whether the reply to who enters has room for one of the others alone. */
  isCrowded = false;
  /** How messages travel, either way; in order, whatever it is. */
  carry: (arrive: () => void) => void = (arrive) => setImmediate(arrive);
  /** What each transport is told of TURN servers. */
  iceServers: readonly IceServer[] | undefined;
  readonly #sockets = new Set<FakeSocket>();
  readonly #sessions = new Map<string, FakeSession>();
  readonly #refusals: { kind: RequestKind; refusal: Refusal }[] = [];
  #chain: FakeChain | undefined;
  #lastId = 0;
  #isReachable = true;
  readonly #away = new Set<ParticipantId>();

  readonly openSocket: OpenSocket = (_url, handlers) => {
    const socket = new FakeSocket(this, handlers);
    this.#sockets.add(socket);
    if (!this.#isReachable) socket.cut('');
    return socket;
  };

  get sessions(): readonly FakeSession[] {
    return [...this.#sessions.values()];
  }

  get socketCount(): number {
    return this.#sockets.size;
  }

  countExecuted(kind: RequestKind): number {
    return this.executed.filter((request) => request.kind === kind).length;
  }

  /** From now on the one meeting has a group. */
  startGroup(clock: Clock): FakeGroup {
    this.group = new FakeGroup(clock, (to, heard) =>
      this.sessions.find(({ participant }) => participant === to)?.event({ kind: 'group', heard }),
    );
    return this.group;
  }

  /** Cuts every socket; sessions can be resumed. */
  cutAll(reason: CloseCode | '' = ''): void {
    for (const socket of [...this.#sockets]) socket.cut(reason);
  }

  /** From now on sockets are closed as soon as they open, or no longer. */
  setReachable(isReachable: boolean): void {
    this.#isReachable = isReachable;
    if (!isReachable) this.cutAll();
  }

  /** From now on this one's sockets are cut, also those that it opens anew, or no longer: its session waits meanwhile. */
  setAway(participant: ParticipantId, isAway: boolean): void {
    if (!isAway) this.#away.delete(participant);
    else this.#away.add(participant);
    if (isAway) this.sessions.find((one) => one.participant === participant)?.socket?.cut('');
  }

  /** From now on requests are executed and their replies lost on the way, as are events, until the sockets are cut. */
  loseMessages(): void {
    for (const session of this.sessions) session.socket = undefined;
  }

  /** As after a restart of the server: nobody can resume. */
  forgetSessions(): void {
    const sessions = this.sessions;
    this.#sessions.clear();
    for (const session of sessions) this.#leave(session, 'connection-lost');
    this.cutAll();
  }

  /** As where this one was away for too long: it cannot resume. */
  forget(participant: ParticipantId): void {
    const session = this.sessions.find((one) => one.participant === participant);
    assert(session !== undefined);
    this.#sessions.delete(session.id);
    this.#leave(session, 'connection-lost');
    session.socket?.cut('');
  }

  refuseNext(kind: RequestKind, refusal: Refusal, times = 1): void {
    for (let i = 0; i < times; i++) this.#refusals.push({ kind, refusal });
  }

  resetMedia(): void {
    for (const session of this.sessions) {
      session.producers.clear();
      session.consumers.clear();
      session.isReceiving = false;
      session.event({ kind: 'media-reset', rtpCapabilities: ROUTER });
    }
  }

  toAll(event: ServerEvent): void {
    for (const session of this.sessions) session.event(event);
  }

  announcementOf(participant: ParticipantId): Announcement {
    const session = this.sessions.find((one) => one.participant === participant);
    assert(session?.announcement !== undefined);
    return session.announcement;
  }

  heartbeat(): void {
    for (const socket of this.#sockets) socket.deliver({ kind: 'heartbeat' });
  }

  /** Whatever it is, outside of any sequence. */
  sendRaw(message: object): void {
    for (const socket of this.#sockets) socket.deliver(message);
  }

  gone(socket: FakeSocket): void {
    this.#sockets.delete(socket);
    if (socket.session?.socket === socket) socket.session.socket = undefined;
  }

  receive(socket: FakeSocket, text: string): void {
    const json: unknown = JSON.parse(text);
    if (ackSchema.safeParse(json).success) return;
    const request = parseRequest(json);
    if (request.kind === 'hello') this.#hello(socket, request);
    else if (socket.session !== undefined) this.#execute(socket.session, request);
    else socket.cut('order.hello-first');
  }

  #hello(socket: FakeSocket, hello: RequestOf<'hello'>): void {
    const { id, resume } = hello;
    this.hellos.push(hello);
    const known = resume && this.#sessions.get(resume.session);
    if (known?.participant !== undefined && this.#away.has(known.participant)) {
      socket.cut('');
      return;
    }
    if (resume !== undefined && known === undefined) {
      socket.cut('resume.refused');
      return;
    }
    const session = known ?? this.#newSession();
    socket.session = session;
    session.socket = socket;
    if (resume === undefined) session.lastRequestId = id;
    for (const message of session.outbox.slice(resume?.received ?? 0)) socket.deliver(message);
    session.secret = this.#bytes(32);
    const body = {
      session: session.id,
      secret: session.secret,
      resumed: known !== undefined,
      heartbeatMs: HEARTBEAT_MS,
    };
    session.say({ re: id, ok: true, body });
  }

  #newSession(): FakeSession {
    const session = new FakeSession(this.#bytes(16));
    this.#sessions.set(session.id, session);
    return session;
  }

  /** An id that was answered before gets the same answer again, as a server keeps it. */
  #execute(session: FakeSession, request: Request): void {
    const kept = session.answered.get(request.id);
    if (kept !== undefined) {
      session.socket?.deliver(kept);
      return;
    }
    assert(request.id > session.lastRequestId, 'ids rise within a session');
    session.lastRequestId = request.id;
    this.executed.push(request);
    const answer = this.#refusalOf(request.kind) ?? this.#handle(session, request);
    const outcome = isRefusal(answer) ? { ok: false, error: answer } : { ok: true, body: answer };
    session.answered.set(request.id, { seq: session.outbox.length + 1, re: request.id, ...outcome });
    session.say({ re: request.id, ...outcome });
    if (!isRefusal(answer)) this.#after(session, request);
  }

  #refusalOf(kind: RequestKind): Refusal | undefined {
    const at = this.#refusals.findIndex((next) => next.kind === kind);
    return at < 0 ? undefined : this.#refusals.splice(at, 1)[0]?.refusal;
  }

  #handle(session: FakeSession, request: Request): object | Refusal {
    const handler = this.#handlers[request.kind] as
      | ((session: FakeSession, request: Request) => object | Refusal)
      | undefined;
    return handler?.(session, request) ?? {};
  }

  readonly #handlers: Handlers = {
    challenge: () => {
      const nonce = this.#bytes(32);
      this.nonces.push(nonce);
      return { nonce };
    },
    enter: (session, { announcement, passport: { certificate, clearance }, presence }) => {
      assert(this.charter !== undefined, 'there is a charter before anybody enters');
      session.participant = asId(this.#mint('participant'));
      session.announcement = announcement;
      session.credentials = { certificate, clearance, presence };
      const roster = this.#rosterFor(session);
      this.#tell('arrived', session);
      return {
        head: this.#chain?.head,
        participant: session.participant,
        roster: this.isCrowded ? roster.slice(0, 1) : roster,
        rtpCapabilities: ROUTER,
        charter: this.charter,
        ...(this.group && { blobToken: BLOB_TOKEN }),
      };
    },
    group: (session, { said }) => {
      if (session.participant !== undefined) this.group?.hear(session.participant, said);
      return {};
    },
    history: (_, { after }) => ({
      entries: this.#chain?.entries.slice(after),
      head: this.#chain?.head,
    }),
    'create-transport': () => ({
      transport: this.#mint('transport'),
      iceParameters: ICE,
      iceCandidates: [],
      dtlsParameters: DTLS,
      ...(this.iceServers && { iceServers: this.iceServers }),
    }),
    'restart-ice': () => ({ iceParameters: ICE }),
    produce: (session, { source, rtpParameters, paused }) => {
      const producer = asId<ProducerId>(this.#mint('producer'));
      session.producers.set(producer, { source, rtpParameters, paused });
      return { producer };
    },
    'close-producer': (session, { producer }) => {
      if (!session.producers.delete(producer)) return { code: 'media.unknown', message: 'no such producer' };
      this.#removeConsumersOf(producer);
      return {};
    },
    receive: (session) => {
      session.isReceiving = true;
      return {};
    },
    'resume-consumer': (session, { consumer }) => {
      const known = session.consumers.get(consumer);
      if (known === undefined) return { code: 'media.unknown', message: 'no such consumer' };
      known.resumed = true;
      return {};
    },
  };

  /** What follows a request's reply. */
  #after(session: FakeSession, request: Request): void {
    if (request.kind === 'enter' && this.isCrowded)
      session.event({ kind: 'roster', roster: this.#rosterFor(session).slice(1) });
    if (request.kind === 'enter') this.#announce(session);
    if (request.kind === 'leave') this.#sessions.delete(session.id);
    if (request.kind === 'leave') this.#leave(session, 'left');
    if (request.kind === 'produce' || request.kind === 'receive') this.#connectMedia();
    if (request.kind === 'prefer-layers') {
      const { consumer, spatialLayer, temporalLayer } = request;
      session.event({ kind: 'layers-changed', consumer, spatialLayer, temporalLayer });
    }
  }

  #rosterFor(session: FakeSession): RosterEntry[] {
    return this.#othersOf(session).map((other) => this.#entryOf(other));
  }

  #othersOf(session: FakeSession): FakeSession[] {
    return this.sessions.filter((other) => other !== session && other.participant !== undefined);
  }

  #entryOf({ participant, announcement, credentials }: FakeSession): RosterEntry {
    assert(participant !== undefined && announcement !== undefined);
    return this.alter({ participant, announcement, ...(credentials && { credentials }) });
  }

  /** To everybody who is in. */
  #tell(kind: 'arrived' | 'left', { credentials, id }: FakeSession): void {
    if (this.charter === undefined || credentials === undefined) return;
    if (this.#chain?.charter !== this.charter) this.#chain = new FakeChain(this.charter);
    const entry = this.#chain.tell(kind, credentials.certificate);
    for (const other of this.sessions)
      if (other.id !== id && other.participant !== undefined) other.event({ kind: 'entry', entry });
  }

  #announce(session: FakeSession): void {
    const { id } = session;
    for (const other of this.sessions)
      if (other.id !== id && other.participant !== undefined)
        other.event({ kind: 'participant-joined', ...this.#entryOf(session) });
  }

  #leave(session: FakeSession, why: 'left' | 'connection-lost'): void {
    for (const producer of session.producers.keys()) this.#removeConsumersOf(producer);
    const { participant } = session;
    if (participant === undefined) return;
    this.#tell('left', session);
    for (const other of this.#othersOf(session)) other.event({ kind: 'participant-left', participant, why });
    this.group?.left(participant);
  }

  #connectMedia(): void {
    for (const receiver of this.sessions.filter(({ isReceiving }) => isReceiving))
      for (const sender of this.#othersOf(receiver))
        for (const producer of sender.producers.keys()) this.#consume(receiver, sender, producer);
  }

  #consume(receiver: FakeSession, sender: FakeSession, producer: ProducerId): void {
    if ([...receiver.consumers.values()].some((known) => known.producer === producer)) return;
    const stream = sender.producers.get(producer);
    assert(stream !== undefined && sender.participant !== undefined);
    const consumer = asId<ConsumerId>(this.#mint('consumer'));
    receiver.consumers.set(consumer, { consumer, producer, resumed: false });
    const { source, rtpParameters, paused: producerPaused } = stream;
    const { participant } = sender;
    receiver.event({
      kind: 'consumer-added',
      consumer,
      producer,
      participant,
      source,
      rtpParameters,
      producerPaused,
    });
  }

  #removeConsumersOf(producer: ProducerId): void {
    for (const session of this.sessions)
      for (const { consumer, producer: consumed } of session.consumers.values())
        if (consumed === producer) {
          session.consumers.delete(consumer);
          session.event({ kind: 'consumer-removed', consumer });
        }
  }

  /** Never the same twice, in base64url. */
  #bytes(size: number): string {
    const bytes = new Uint8Array(size);
    this.#lastId += 1;
    new DataView(bytes.buffer).setUint32(0, this.#lastId);
    return toBase64Url(bytes);
  }

  #mint(what: string): string {
    this.#lastId += 1;
    return `${what}-${this.#lastId}`;
  }
}

const parseRequest = (json: unknown): Request => {
  assert(typeof json === 'object' && json !== null && 'kind' in json && typeof json.kind === 'string');
  assert(Object.hasOwn(requestSchemas, json.kind), `unknown request ${json.kind}`);
  return requestSchemas[json.kind as RequestKind].parse(json);
};
