import type { Clock, RandomBytes } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { Emitter } from '../base/emitter.ts';
import type { ConsumerId, ParticipantId, ProducerId } from '../base/ids.ts';
import type { Direction, Source } from '../base/media.ts';
import { ok, type Refusal, type Result, refuse } from '../base/result.ts';
import type { RtpCapabilities } from '../base/rtp.ts';
import type { KeyPort } from '../e2ee/frame-keys.ts';
import type {
  Announcement,
  ChainHead,
  EventKind,
  RosterEntry,
  ServerEvent,
} from '../signaling/protocol/messages.ts';
import type { Order } from '../trust/acts/act.ts';
import type { Effect } from '../trust/acts/input.ts';
import type { MeetingState as Conducted } from '../trust/acts/state.ts';
import type { PersonId } from '../trust/devices/ids.ts';
import { Admission } from './admission.ts';
import { Conduct } from './conduct/conduct.ts';
import { type ConductActions, followEffect } from './conduct/consequences.ts';
import { Connection, type ConnectionEvent, type ConnectionState } from './connection/connection.ts';
import type { OpenSocket } from './connection/socket.ts';
import { type Entered, enterMeeting } from './enter.ts';
import { EventQueue } from './event-queue.ts';
import { Incoming } from './incoming.ts';
import { type MeetingLink, socketUrl } from './link.ts';
import { MediaKeeper } from './media-keeper.ts';
import { type Ask, MediaSession } from './media-session.ts';
import { outcomeOf, valueOrThrow } from './outcome.ts';
import type { CharterFacts } from './people/charter-facts.ts';
import { type Begun, Company } from './people/company.ts';
import type { Enrolled } from './people/enrolled.ts';
import type { EnteredByCertificate } from './people/enter-by-certificate.ts';
import { type FetchList, fetchList } from './people/fetch-list.ts';
import { resumeProver } from './people/proofs.ts';
import { handlePortEvent, type PortEventActions } from './port-events.ts';
import type { MediaPort } from './ports.ts';
import { RecordKeeping } from './record/record-keeping.ts';
import { Roster } from './roster.ts';
import { handleServerEvent, type ServerEventActions } from './server-events.ts';
import { reduce, type StoreEvent } from './store/reduce.ts';
import { findStream, INITIAL_STATE, type MeetingState } from './store/state.ts';
import type { StreamEvent } from './streams.ts';

/** Leaving is a courtesy to the others, whom the server tells anyway: nobody waits longer for it. */
const LEAVE_WITHIN_MS = 2_000;

export interface MeetingOptions<Input, Output> {
  readonly link: MeetingLink;
  /** Shown to the others, sealed for everybody else. */
  readonly name: string;
  /** Enters by certificate, and lets in only whoever shows one that holds; `fetchList` brings the revocations. */
  readonly device?: Enrolled | undefined;
  readonly fetchList?: FetchList | undefined;
  /** The chair has to let this client in. */
  readonly onWaiting?: (() => void) | undefined;
  /** Ends joining, at any time before it has come to its end. */
  readonly signal?: AbortSignal | undefined;
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

class LiveMeeting<Input, Output>
  implements Meeting<Input, Output>, ServerEventActions, PortEventActions, ConductActions
{
  readonly whenEntered: Promise<Result<void>>;
  readonly #options: MeetingOptions<Input, Output>;
  readonly #connection: Connection;
  readonly #roster: Roster;
  readonly #company: Company | undefined;
  readonly #conduct: Conduct | undefined;
  readonly #record: RecordKeeping | undefined;
  readonly #admission: Admission;
  readonly #media: MediaSession<Input, Output>;
  readonly #keeper: MediaKeeper;
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
    const { link, frameKeys, media, clock, device, onListenerError } = options;
    this.#options = options;
    this.#changes = new Emitter(onListenerError);
    this.#roster = new Roster(link, frameKeys);
    this.#company = device && this.#makeCompany(device);
    this.#conduct = device && this.#makeConduct(device);
    this.#record = device && this.#makeRecordKeeping(device);
    this.#admission = this.#makeAdmission();
    const proveResume = device && resumeProver(link.meeting, device.signing);
    this.#connection = new Connection({ ...options, url: socketUrl(link), proveResume });
    this.#media = new MediaSession(media, (kind, fields) => this.#connection.request(kind, fields), clock);
    this.#keeper = this.#makeKeeper();
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

  async produce(source: Source, input: Input, paused = false): Promise<Result<void>> {
    if (this.#isClosed()) return CLOSED;
    this.#media.want(source, input, paused);
    this.dispatch({ kind: 'own', source, paused });
    const outcome = await this.#reconcile(source);
    if (!this.#media.isWanted(source, input)) return STOPPED;
    if (!outcome.ok) this.#forgetSource(source);
    return outcome;
  }

  async stop(source: Source): Promise<Result<void>> {
    if (this.#isClosed()) return CLOSED;
    this.#forgetSource(source);
    return this.#reconcile(source);
  }

  async setPaused(source: Source, paused: boolean): Promise<Result<void>> {
    if (!this.#media.isWanted(source)) return refuse('source.off', 'this source is not on');
    this.#media.wantPaused(source, paused);
    this.dispatch({ kind: 'own', source, paused });
    return this.#reconcile(source);
  }

  async preferLayers(participant: ParticipantId, source: Source, choice: LayerChoice): Promise<Result<void>> {
    const stream = findStream(this.#state, participant, source);
    if (stream === undefined) return refuse('stream.unknown', 'there is no such stream');
    const { consumer } = stream;
    const reply = await this.#connection.request('prefer-layers', { consumer, ...choice });
    return reply.ok ? ok(undefined) : reply;
  }

  async order(order: Order): Promise<Result<void>> {
    return this.#conduct === undefined
      ? refuse('conduct.no-charter', 'this meeting has no charter, and nobody orders anything in it')
      : this.#conduct.order(order);
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

  admit(entry: RosterEntry): Promise<void> | undefined {
    return this.#admission.admit(entry);
  }

  listPublished(number: number): void {
    void this.#company?.listPublished(number);
  }

  async follow(entry: string): Promise<void> {
    const session = this.#connection.session;
    const taken = await this.#conduct?.take(entry);
    if (taken?.ok === false && session === this.#connection.session) this.#withdrawFrom(taken.refusal);
  }

  checkpointed({ kind: _, ...checkpoint }: EventOf<'checkpoint'>): void {
    void this.#record?.take(checkpoint);
  }

  /** However long the chair takes. */
  waits(): void {
    this.#connection.waitOn('enter');
    this.#setPhase('waiting');
    this.#options.onWaiting?.();
  }

  /** Out with everything of this join, and before the door again. */
  sentBack(): void {
    this.#router = undefined;
    this.#startAnew();
    this.#setPhase('waiting');
    void this.#keeper.rebuild();
  }

  async atDoor({ announcement, credentials }: EventOf<'at-door'>): Promise<void> {
    const shown = await this.#company?.open({ announcement, credentials });
    const judged = shown?.ok ? this.#company?.judge(shown.value) : shown;
    const name = this.#roster.nameIn(announcement);
    if (judged?.ok) this.dispatch({ kind: 'at-door', person: judged.value.person, name: name ?? '' });
  }

  muteOwn(): void {
    if (this.#state.own.get('microphone')?.paused !== false) return;
    void this.setPaused('microphone', true);
    this.#problem({ code: 'conduct.muted', message: 'the chair muted this participant' });
  }

  stopOwn(sources: readonly Source[]): void {
    const stopped = sources.filter((source) => this.#state.own.has(source));
    for (const source of stopped) void this.stop(source);
    if (stopped.length > 0) this.#problem({ code: 'conduct.stopped', message: 'the chair stopped a source' });
  }

  dropMedia(): void {
    this.#resetMedia();
  }

  partFrom(person: PersonId): void {
    for (const { participant, person: other } of this.#state.participants.values())
      if (other === person) this.part(participant);
  }

  judgeAll(): void {
    this.#company?.judgeAll();
  }

  part(participant: ParticipantId): void {
    this.#incoming.removeAllOf(participant);
    this.#roster.remove(participant);
    this.#company?.remove(participant);
    this.dispatch({ kind: 'left', participant });
  }

  addStream(event: EventOf<'consumer-added'>): void {
    void this.#incoming.add(event);
  }

  removeStream(consumer: ConsumerId): void {
    this.#incoming.remove(consumer);
  }

  layersNeeded(producer: ProducerId, topLayer: number): void {
    this.#media.limitLayers(producer, topLayer);
  }

  producerRemoved(producer: ProducerId, why: EventOf<'producer-removed'>['why']): void {
    const source = this.#media.dropProducer(producer);
    if (source === undefined) return;
    if (why === 'seen-in-clear') {
      this.#forgetSource(source);
      this.#problem({
        code: 'media.seen-in-clear',
        message: 'the relay stopped a source that it could read',
      });
    }
    void this.#reconcile(source).then((outcome) => this.#report(outcome));
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
    this.#forgetSource(source);
    this.#problem({ code, message: 'a source was stopped because it could not be sealed' });
    void this.#reconcile(source).then((outcome) => this.#report(outcome));
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

  #makeIncoming(): Incoming<Input, Output> {
    return new Incoming({
      roster: this.#roster,
      mayShow: ({ person }, source) => this.#mayShow(person, source),
      media: this.#media,
      operations: this.#keeper.operations,
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
    if (state.kind === 'open' && phase === 'reconnecting') this.#setPhase('in');
  }

  /** An end waits for nothing, and a list neither: somebody may have to go. */
  #onServerEvent(event: ServerEvent): void {
    if (event.kind === 'meeting-ended' || event.kind === 'list-published')
      void handleServerEvent(this, event);
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
    this.#company?.stop();
  }

  async #enter(): Promise<RtpCapabilities> {
    const { link, name, randomBytes, device } = this.#options;
    const ask: Ask = (kind, fields) => this.#connection.request(kind, fields);
    const session = () => this.#connection.session;
    const bearer = device && { device, session };
    const answer = await enterMeeting(ask, link, name, randomBytes, bearer);
    const entered = valueOrThrow(answer.ok ? answer : await this.#explained(answer));
    await this.#begin(entered);
    return entered.reply.rtpCapabilities;
  }

  /** At the door all refusals are the same; what is wrong with its own device this client finds by itself. */
  async #explained(refused: { readonly ok: false; readonly refusal: Refusal }): Promise<Result<Entered>> {
    if (refused.refusal.code !== 'entry.refused') return refused;
    const found = await this.#company?.judgeOwnDevice();
    if (found === undefined) return refused;
    const { reference } = refused.refusal;
    return { ok: false, refusal: reference === undefined ? found : { ...found, reference } };
  }

  /** Nothing that the relay answered is believed, and no key used, before this device has judged its own entry. */
  async #begin({ identity, reply, certified }: Entered): Promise<void> {
    const { number, baseKey, announcement } = identity;
    const session = this.#connection.session;
    const own = certified && (await this.#judgeOwn(announcement, certified));
    if (this.#isClosed() || session !== this.#connection.session) valueOrThrow(OUTDATED);
    const self = { participant: reply.participant, number, name: this.#options.name, ...namesOf(own) };
    valueOrThrow(this.#options.frameKeys.useOwnKey(number, baseKey));
    this.#roster.startAs(self);
    this.dispatch({ kind: 'joined', self });
    if (own !== undefined) this.#showCharter(own.facts);
    if (own !== undefined && certified?.reply.head !== undefined)
      await this.#readConduct(own, certified.reply.head);
    await this.#admission.admitAll(reply.roster);
    if (session !== this.#connection.session) valueOrThrow(OUTDATED);
    this.#router = reply.rtpCapabilities;
    this.#serverEvents.release();
  }

  #showCharter(charter: CharterFacts): void {
    this.dispatch({ kind: 'charter', charter });
    this.#options.onCharter?.(charter);
  }

  async #judgeOwn(announcement: Announcement, { reply, credentials }: EnteredByCertificate) {
    if (this.#company === undefined) throw new Error('entered by certificate without a device');
    const session = this.#connection.session;
    const begun = await this.#company.begin({ announcement, credentials }, reply.charter);
    if (!begun.ok && session === this.#connection.session) this.#withdraw(begun.refusal);
    return valueOrThrow(begun);
  }

  /** Who is there, who is the chair and what is marked how: what was signed and told since the charter says it. */
  async #readConduct({ charter, self }: Begun, head: ChainHead): Promise<void> {
    const read = await this.#conduct?.begin(charter, self.device, head);
    if (read?.ok === false && read.refusal.code !== 'session.lost') this.#withdrawFrom(read.refusal);
    if (read !== undefined) valueOrThrow(read);
  }

  #onConduct(conducted: Conducted, effects: readonly Effect[]): void {
    this.dispatch({ kind: 'conducted', conducted });
    const person = this.#state.self?.person;
    if (person !== undefined) for (const effect of effects) followEffect(this, effect, person);
    this.#incoming.removeWhere((participant, source) => {
      const sender = this.#roster.find(participant);
      return sender !== undefined && !this.#mayShow(sender.person, source);
    });
  }

  #mayShow(person: PersonId | undefined, source: Source): boolean {
    if (this.#conduct?.state === undefined) return true;
    return person !== undefined && this.#conduct.mayShow(person, source);
  }

  /** What the relay tells does not follow from what was signed: nothing more of it is believed. */
  #withdrawFrom({ code, message }: Refusal): void {
    void this.#connection.request('leave', {});
    this.#close({ code, message: `the relay tells what the meeting's rules do not allow: ${message}` });
  }

  /** This device itself may not be here: it says so and goes. */
  #withdraw({ code, message, remedy }: Refusal): void {
    void this.#connection.request('leave', {});
    const why = { code, message: `this device may not be in the meeting: ${message}` };
    this.#close(remedy === undefined ? why : { ...why, remedy });
  }

  #makeCompany(device: Enrolled): Company {
    const { link, clock, fetchList: given = fetchList } = this.#options;
    return new Company({
      device,
      link,
      clock,
      fetchList: given,
      onOut: (participant, why) => this.#turnOut(participant, why),
      onSelfOut: (why) => this.#withdraw(why),
      onProblem: (problem) => this.#problem(problem),
    });
  }

  #makeConduct(device: Enrolled): Conduct {
    return new Conduct({
      device,
      clock: this.#options.clock,
      ask: (kind, fields) => this.#connection.request(kind, fields),
      onChange: (state, effects) => this.#onConduct(state, effects),
    });
  }

  #makeRecordKeeping(device: Enrolled): RecordKeeping {
    return new RecordKeeping({
      device,
      ask: (kind, fields) => this.#connection.request(kind, fields),
      countersigns: () => this.#state.conducted?.chair === this.#state.self?.person,
      onKept: (checkpoint) => this.dispatch({ kind: 'checkpoint', checkpoint }),
      onProblem: (problem) => this.#problem(problem),
    });
  }

  #turnOut(participant: ParticipantId, { code, message }: Refusal): void {
    this.part(participant);
    this.dispatch({ kind: 'unverified', participant, code });
    this.#problem({ code, message: `somebody is out of the meeting: ${message}` });
  }

  #makeAdmission(): Admission {
    return new Admission({
      roster: this.#roster,
      company: this.#company,
      isPresent: (person) => this.#conduct?.state === undefined || this.#conduct.isPresent(person),
      dispatch: (event) => this.dispatch(event),
    });
  }

  #resetMedia(): void {
    this.#incoming.clear();
    this.#media.reset();
  }

  #reconcile(source: Source): Promise<Result<void>> {
    return this.#keeper.operations.runLasting(() => this.#media.reconcile(source));
  }

  #forgetSource(source: Source): void {
    this.#media.unwant(source);
    this.dispatch({ kind: 'own-stopped', source });
  }

  #report(outcome: Result<void>): void {
    if (!outcome.ok) this.#problem(outcome.refusal);
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

const namesOf = (own: Begun | undefined) => own && { person: own.self.person, device: own.self.device };

const STOPPED = refuse('source.stopped', 'the source was stopped or replaced meanwhile');
const OUTDATED = refuse('session.lost', 'the session ended while the entry was judged');
const CLOSED = refuse('meeting.closed', 'this meeting is closed for this client');
