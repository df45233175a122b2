import type { Clock, RandomBytes } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { Emitter } from '../base/emitter.ts';
import type { ConsumerId, ParticipantId, ProducerId } from '../base/ids.ts';
import type { Direction, Source } from '../base/media.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import type { RtpCapabilities } from '../base/rtp.ts';
import type { KeyPort } from '../e2ee/frame-keys.ts';
import type { EventKind, RosterEntry, ServerEvent } from '../signaling/protocol/messages.ts';
import type { Order } from '../trust/acts/act.ts';
import { Admission } from './admission.ts';
import { Conducting } from './conduct/conducting.ts';
import { Connection, type ConnectionEvent, type ConnectionState } from './connection/connection.ts';
import type { OpenSocket } from './connection/socket.ts';
import { Entry } from './entry.ts';
import { EventQueue } from './event-queue.ts';
import { Incoming } from './incoming.ts';
import type { KeySource, MakeKeySource } from './key-source.ts';
import { type EntryLink, socketUrl } from './link.ts';
import { MediaKeeper } from './media-keeper.ts';
import { MediaSession } from './media-session.ts';
import { outcomeOf } from './outcome.ts';
import { CLOSED, Outgoing } from './outgoing.ts';
import type { CharterFacts } from './people/charter-facts.ts';
import { Company } from './people/company.ts';
import type { Enrolled } from './people/enrolled.ts';
import { type FetchList, fetchList } from './people/fetch-list.ts';
import { resumeProver } from './people/proofs.ts';
import { handlePortEvent, type PortEventActions } from './port-events.ts';
import type { MediaPort } from './ports.ts';
import { Roster } from './roster.ts';
import { handleServerEvent, type ServerEventActions } from './server-events.ts';
import { reduce, type StoreEvent } from './store/reduce.ts';
import { findStream, INITIAL_STATE, type MeetingState } from './store/state.ts';
import type { StreamEvent } from './streams.ts';

/** Leaving is a courtesy to the others, whom the server tells anyway: nobody waits longer for it. */
const LEAVE_WITHIN_MS = 2_000;

export interface MeetingOptions<Input, Output> {
  readonly link: EntryLink;
  /** Shown to the others, sealed for everybody else. */
  readonly name: string;
  /** Enters by its certificate, and lets in only whoever shows one that holds; `fetchList` brings the revocations. */
  readonly device: Enrolled;
  readonly fetchList?: FetchList | undefined;
  /** The chair has to let this client in. */
  readonly onWaiting?: (() => void) | undefined;
  /** Another device of this person is in the meeting, or before its door, and leaves it for this one. */
  readonly onReplacing?: (() => void) | undefined;
  /** The relay says that there is word of this person's devices: a time to ask for it. */
  readonly onOwnDevices?: (() => void) | undefined;
  /** Ends joining, at any time before it has come to its end. */
  readonly signal?: AbortSignal | undefined;
  /** Where media keys come from, and from nowhere else. */
  readonly keys: MakeKeySource;
  /** Hears of the charter as soon as it was checked, which is before the media is there. */
  readonly onCharter?: ((facts: CharterFacts) => void) | undefined;
  /** Made with the same `frameKeys`. */
  readonly media: MediaPort<Input, Output>;
  readonly frameKeys: KeyPort;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** Hears what a listener of this meeting threw. */
  readonly onListenerError: (error: unknown) => void;
}

export interface LayerChoice {
  /** 0 is the smallest. The relay sends no higher one. */
  readonly spatialLayer: number;
  readonly temporalLayer?: number | undefined;
}

/** One client in one meeting. Its answers are values: a refusal's code says why, nothing rejects. */
export interface Meeting<Input, Output> {
  readonly state: MeetingState;
  onChange(listener: (state: MeetingState) => void): () => void;
  /** Streams of verified people only. A new listener first hears of all that are there. */
  onStream(listener: (event: StreamEvent<Output>) => void): () => void;
  /**
   * Starts `source`, or replaces what it is made of. It is started again by itself whenever media is rebuilt. Refused
   * with `source.stopped` where it was stopped or replaced meanwhile. Paused: nothing of it leaves until `setPaused` says so.
   */
  produce(source: Source, input: Input, paused?: boolean): Promise<Result<void>>;
  stop(source: Source): Promise<Result<void>>;
  setPaused(source: Source, paused: boolean): Promise<Result<void>>;
  /** Refusals beside the server's own: `stream.unknown`. */
  preferLayers(participant: ParticipantId, source: Source, choice: LayerChoice): Promise<Result<void>>;
  /**
   * Signs an order as this device. Refusals beside the server's own: `conduct.not-in`, and `conduct.malformed` for one that cannot
   * be signed.
   */
  order(order: Order): Promise<Result<void>>;
  /**
   * Says what the meeting is called. Refusals: `title.impossible`, `title.not-a-leader`, `title.not-in`, `title.not-taken`, and
   * `title.held-back` for one that is said by itself as soon as it may be.
   */
  entitle(title: string): Promise<Result<void>>;
  leave(): Promise<void>;
}

type EventOf<Kind extends EventKind> = Extract<ServerEvent, { kind: Kind }>;

/**
 * Connects, joins, and sets up media in both directions; settles when this is done, or refused for good. From then on
 * it lives by itself: it resumes lost connections, restarts ICE, rebuilds media, and joins anew where the session is
 * lost, each with fresh sealing contexts or keys, until `leave`, the meeting's end, or a phase `closed` that says why.
 */
export const joinMeeting = async <Input, Output>(
  options: MeetingOptions<Input, Output>,
): Promise<Result<Meeting<Input, Output>>> => {
  const meeting = new LiveMeeting(options);
  const entered = await meeting.whenEntered;
  return entered.ok ? ok(meeting) : entered;
};

class LiveMeeting<Input, Output> implements Meeting<Input, Output>, ServerEventActions, PortEventActions {
  readonly whenEntered: Promise<Result<void>>;
  readonly #options: MeetingOptions<Input, Output>;
  readonly #connection: Connection;
  readonly #roster = new Roster();
  readonly #company: Company;
  readonly #conducting: Conducting;
  readonly #admission: Admission;
  readonly #keys: KeySource;
  readonly #entry: Entry;
  readonly #media: MediaSession<Input, Output>;
  readonly #keeper: MediaKeeper;
  readonly #outgoing: Outgoing<Input, Output>;
  readonly #incoming: Incoming<Input, Output>;
  readonly #changes: Emitter<MeetingState>;
  readonly #stopListening: () => void;
  #state = INITIAL_STATE;
  /** What the relay routes; `undefined` while there is no join to build media for. */
  #router: RtpCapabilities | undefined;
  /** What comes with a join's reply waits until the roster stands. */
  readonly #serverEvents = new EventQueue((event) => handleServerEvent(this, event));
  #settleEntered: (outcome: Result<void>) => void = () => {};

  constructor(options: MeetingOptions<Input, Output>) {
    const { link, media, clock, device, onListenerError } = options;
    this.#options = options;
    this.#changes = new Emitter(onListenerError);
    this.#keys = this.#makeKeys();
    this.#company = this.#makeCompany();
    this.#conducting = this.#makeConducting();
    this.#admission = this.#makeAdmission();
    const proveResume = resumeProver(link.meeting, device.signing);
    this.#connection = new Connection({ ...options, url: socketUrl(link), proveResume });
    this.#entry = this.#makeEntry();
    this.#media = new MediaSession(media, (kind, fields) => this.#connection.request(kind, fields), clock);
    this.#keeper = this.#makeKeeper();
    this.#outgoing = this.#makeOutgoing();
    this.#incoming = this.#makeIncoming();
    this.whenEntered = new Promise((resolve) => {
      this.#settleEntered = resolve;
    });
    const stopPort = media.onEvent((event) => handlePortEvent(this, event));
    const stopConnection = this.#connection.onEvent((event) => this.#onConnection(event));
    this.#stopListening = () => {
      stopPort();
      stopConnection();
    };
    options.signal?.addEventListener('abort', () => this.#close(undefined), { once: true });
    void this.#keeper.rebuild();
  }

  get state(): MeetingState {
    return this.#state;
  }

  onChange(listener: (state: MeetingState) => void): () => void {
    return this.#changes.on(listener);
  }

  onStream(listener: (event: StreamEvent<Output>) => void): () => void {
    return this.#incoming.on(listener);
  }

  produce(source: Source, input: Input, paused = false): Promise<Result<void>> {
    return this.#outgoing.produce(source, input, paused);
  }

  stop(source: Source): Promise<Result<void>> {
    return this.#outgoing.stop(source);
  }

  setPaused(source: Source, paused: boolean): Promise<Result<void>> {
    return this.#outgoing.setPaused(source, paused);
  }

  async preferLayers(participant: ParticipantId, source: Source, choice: LayerChoice): Promise<Result<void>> {
    const stream = findStream(this.#state, participant, source);
    if (stream === undefined) return refuse('stream.unknown', 'there is no such stream');
    const { consumer } = stream;
    const reply = await this.#connection.request('prefer-layers', { consumer, ...choice });
    return reply.ok ? ok(undefined) : reply;
  }

  async order(order: Order): Promise<Result<void>> {
    return this.#conducting.order(order);
  }

  async entitle(title: string): Promise<Result<void>> {
    return this.#keys.entitle(title);
  }

  async leave(): Promise<void> {
    if (this.#isClosed()) return;
    const left = this.#connection.request('leave', {});
    await outcomeOf(() => withDeadline(this.#options.clock, LEAVE_WITHIN_MS, 'leaving', left));
    this.#close(undefined);
  }

  dispatch(event: StoreEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#changes.emit(next);
  }

  admit(entry: RosterEntry): Promise<void> {
    return this.#admission.admit(entry);
  }

  admitAll(entries: readonly RosterEntry[]): Promise<void> {
    return this.#admission.admitAll(entries);
  }

  listPublished(number: number): void {
    void this.#company.listPublished(number);
  }

  follow(entry: string): Promise<void> {
    return this.#conducting.follow(entry);
  }

  atDoor(event: EventOf<'at-door'>): Promise<void> {
    return this.#conducting.atDoor(event);
  }

  checkpointed({ kind: _, ...checkpoint }: EventOf<'checkpoint'>): void {
    this.#conducting.checkpointed(checkpoint);
  }

  /** However long the chair takes. */
  waits(): void {
    this.#connection.waitOn('enter');
    this.#setPhase('waiting');
    this.#options.onWaiting?.();
  }

  replacing(): void {
    this.#options.onReplacing?.();
  }

  ownDevices(): void {
    this.#options.onOwnDevices?.();
  }

  /** Out with everything of this join, and before the door again. */
  sentBack(): void {
    this.#router = undefined;
    this.#startAnew();
    this.#setPhase('waiting');
    void this.#keeper.rebuild();
  }

  part(participant: ParticipantId): void {
    this.#incoming.removeAllOf(participant);
    this.#roster.remove(participant);
    this.#company.remove(participant);
    this.#keys.left(participant);
    this.dispatch({ kind: 'left', participant });
  }

  addStream(event: EventOf<'consumer-added'>): void {
    void this.#incoming.add(event);
  }

  removeStream(consumer: ConsumerId): void {
    this.#incoming.remove(consumer);
  }

  layersNeeded(producer: ProducerId, topLayer: number): void {
    this.#outgoing.limitLayers(producer, topLayer);
  }

  producerRemoved(producer: ProducerId, why: EventOf<'producer-removed'>['why']): void {
    this.#outgoing.removed(producer, why);
  }

  hearGroup(heard: EventOf<'group'>['heard']): void {
    this.#keys.hear(heard);
  }

  resetMedia(router: RtpCapabilities): void {
    this.#router = router;
    void this.#keeper.rebuild();
  }

  end(why: EventOf<'meeting-ended'>['why']): void {
    this.#close({ code: 'meeting.ended', message: `the meeting is over: ${why}` });
  }

  transportConnected(direction: Direction): void {
    this.#keeper.onConnected(direction);
  }

  transportFailed(direction: Direction): void {
    this.#keeper.onFailed(direction);
  }

  sealingFailed(source: Source, code: string): void {
    this.#outgoing.sealingFailed(source, code);
  }

  /** Nothing can be heard or said any more: better out, and told, than a still picture that looks like a meeting. */
  mediaFailed(code: string): void {
    // While the relay is still sought, which gives the page its worker too: building the media says what is wrong with it.
    if (this.#isBeforeDoor()) return;
    void this.#connection.request('leave', {});
    this.#close({ code, message: 'what seals and opens media failed', remedy: 'join again' });
  }

  #makeKeeper(): MediaKeeper {
    const { clock, randomBytes } = this.#options;
    return new MediaKeeper({
      clock,
      randomBytes,
      reset: () => this.#resetMedia(),
      build: async () => this.#media.build(this.#router ?? (await this.#enter())),
      restartIce: (direction) => this.#media.restartIce(direction),
      onUp: () => this.#settleEntered(ok(undefined)),
      onProblem: (problem) => this.#problem(problem),
      onGivenUp: (why) => this.#close(why),
    });
  }

  #makeOutgoing(): Outgoing<Input, Output> {
    return new Outgoing({
      media: this.#media,
      operations: this.#keeper.operations,
      isClosed: () => this.#isClosed(),
      dispatch: (event) => this.dispatch(event),
    });
  }

  #makeIncoming(): Incoming<Input, Output> {
    return new Incoming({
      roster: this.#roster,
      mayShow: ({ person }, source) => this.#conducting.mayShow(person, source),
      media: this.#media,
      operations: this.#keeper.operations,
      senderOf: (verified) => this.#keys.senderOf(verified),
      state: () => this.#state,
      dispatch: (event) => this.dispatch(event),
      onListenerError: this.#options.onListenerError,
    });
  }

  #onConnection(event: ConnectionEvent): void {
    if (event.kind === 'state') this.#onConnectionState(event.state);
    else if (event.kind === 'server-event') this.#onServerEvent(event.event);
    else this.#onSessionLost();
  }

  #onConnectionState(state: ConnectionState): void {
    const phase = this.#state.phase.kind;
    if (state.kind === 'closed') this.#close(state.why);
    if (state.kind === 'waiting' && phase === 'in') this.#setPhase('reconnecting');
    if (state.kind === 'open') this.#keys.reconnected();
    if (state.kind === 'open' && phase === 'reconnecting') this.#setPhase('in');
  }

  #onServerEvent(event: ServerEvent): void {
    if (AT_ONCE.has(event.kind)) void handleServerEvent(this, event);
    else if (!this.#serverEvents.push(event))
      this.#close({ code: 'protocol.flood', message: 'too many events before they could be judged' });
  }

  #onSessionLost(): void {
    this.#router = undefined;
    this.#startAnew();
    this.#setPhase(this.#isBeforeDoor() ? 'joining' : 'rejoining');
    void this.#keeper.rebuild();
  }

  /** Whatever was under way belongs to the join before. */
  #startAnew(): void {
    this.#serverEvents.reset();
    this.#admission.startJoin();
    this.#company.stop();
    this.#keys.reset();
  }

  /** Then what the meeting's group says is heard, and media waits for its first keys. */
  async #enter(): Promise<RtpCapabilities> {
    const { reply, own } = await this.#entry.enter();
    this.#router = reply.rtpCapabilities;
    this.#serverEvents.release();
    await this.#keys.begin(own);
    return reply.rtpCapabilities;
  }

  #makeEntry(): Entry {
    return new Entry({
      ...this.#options,
      connection: this.#connection,
      company: this.#company,
      roster: this.#roster,
      admission: this.#admission,
      conducting: this.#conducting,
      isClosed: () => this.#isClosed(),
      dispatch: (event) => this.dispatch(event),
      onEntered: () => this.#keys.reset(),
      onCharter: (facts) => this.#showCharter(facts),
      onSelfOut: (why) => this.#withdraw(why),
    });
  }

  #showCharter(charter: CharterFacts): void {
    this.dispatch({ kind: 'charter', charter });
    this.#options.onCharter?.(charter);
  }

  #makeKeys(): KeySource {
    const { link, name, device, frameKeys, clock, randomBytes, onListenerError } = this.#options;
    return this.#options.keys({
      origin: link.origin,
      device,
      name,
      title: link.title,
      mayEntitle: (names) => this.#conducting.mayEntitle(names),
      randomBytes,
      keys: frameKeys,
      ask: (kind, fields) => this.#connection.request(kind, fields),
      isConnected: () => this.#connection.state.kind === 'open',
      line: () => this.#conducting.line(),
      isPresent: (person) => this.#conducting.isPresent(person),
      heads: () => this.#conducting.heads(),
      clock,
      dispatch: (event) => this.dispatch(event),
      onListenerError,
    });
  }

  /** This device itself may not be here. */
  #withdraw(why: Refusal): void {
    this.#leaveFor({ ...why, message: `this device may not be in the meeting: ${why.message}` });
  }

  /** Says why, and goes. */
  #leaveFor(why: Refusal): void {
    void this.#connection.request('leave', {});
    this.#close(why);
  }

  #makeCompany(): Company {
    const { link, device, clock, fetchList: given = fetchList } = this.#options;
    return new Company({
      device,
      link,
      clock,
      fetchList: given,
      standing: () => this.#conducting.standing(),
      onOut: (participant, why) => this.#turnOut(participant, why),
      onSelfOut: (why) => this.#withdraw(why),
      onProblem: (problem) => this.#problem(problem),
    });
  }

  #makeConducting(): Conducting {
    const { device, clock } = this.#options;
    return new Conducting({
      device,
      company: this.#company,
      clock,
      roster: this.#roster,
      ask: (kind, fields) => this.#connection.request(kind, fields),
      session: () => this.#connection.session,
      incoming: () => this.#incoming,
      state: () => this.#state,
      dispatch: (event) => this.dispatch(event),
      setPaused: (source, paused) => this.setPaused(source, paused),
      stop: (source) => this.stop(source),
      resetMedia: () => this.#resetMedia(),
      onConducted: () => this.#keys.conducted(),
      part: (participant) => this.part(participant),
      out: (person) => this.#keys.outPerson(person),
      onDisbelief: (why) => this.#leaveFor(why),
    });
  }

  #turnOut(participant: ParticipantId, { code, message }: Refusal): void {
    this.#keys.out(participant);
    this.part(participant);
    this.dispatch({ kind: 'unverified', participant, code });
    this.#problem({ code, message: `somebody is out of the meeting: ${message}` });
  }

  #makeAdmission(): Admission {
    return new Admission({
      roster: this.#roster,
      company: this.#company,
      isPresent: (person) => this.#conducting.isPresent(person),
      dispatch: (event) => this.dispatch(event),
      onAdmitted: (...admitted) => this.#keys.admitted(...admitted),
    });
  }

  #resetMedia(): void {
    this.#incoming.clear();
    this.#media.reset();
  }

  #problem(problem: Refusal): void {
    this.dispatch({ kind: 'problem', problem });
  }

  #setPhase(kind: 'joining' | 'waiting' | 'in' | 'reconnecting' | 'rejoining'): void {
    this.dispatch({ kind: 'phase', phase: { kind } });
  }

  #isBeforeDoor(): boolean {
    const { kind } = this.#state.phase;
    return kind === 'joining' || kind === 'waiting';
  }

  #isClosed(): boolean {
    return this.#state.phase.kind === 'closed';
  }

  #close(why: Refusal | undefined): void {
    if (this.#isClosed()) return;
    this.dispatch({ kind: 'phase', phase: { kind: 'closed', why } });
    this.#stopListening();
    this.#startAnew();
    this.#keeper.close();
    this.#connection.close();
    this.#settleEntered({ ok: false, refusal: why ?? CLOSED.refusal });
  }
}

/** An end waits for nothing, and a list neither: somebody may have to go. Who waits has nothing yet for others to wait for. */
const AT_ONCE: ReadonlySet<EventKind> = new Set([
  'meeting-ended',
  'list-published',
  'waiting',
  'replacing',
  'own-devices',
  'replaced',
]);
