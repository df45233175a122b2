import type { Bytes } from '../base/bytes.ts';
import type { Clock, RandomBytes } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { IceServer } from '../base/media.ts';
import type { Redact } from '../base/redact.ts';
import type { Result } from '../base/result.ts';
import { marked } from './audit/marked.ts';
import { Countersigning } from './countersigning.ts';
import { Door, type People } from './door/door.ts';
import { UniformRefusal } from './door/uniform-refusal.ts';
import { EffectRunner } from './effect-runner.ts';
import { Greeter } from './greeter.ts';
import { Groups } from './group/groups.ts';
import type { SignalingLimits } from './limits.ts';
import { Meetings } from './meetings.ts';
import type { AuditSink, Checkpoints, EnrolmentMailbox, MediaPlane } from './ports.ts';
import { type CloseCode, isCloseCode } from './protocol/codes.ts';
import { type ClientMessage, type DecodeRefusal, decode } from './protocol/decode.ts';
import { RequestDesk } from './request-desk.ts';
import { type Connection, fateOf, Peer } from './session/peer.ts';
import type { Session } from './session/session.ts';
import { type SessionEnd, Sessions } from './session/sessions.ts';
import type { StatsKeeper } from './stats.ts';

export interface HubOptions {
  readonly media: MediaPlane;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly redact: Redact;
  readonly limits: SignalingLimits;
  readonly stats: StatsKeeper;
  readonly mintIceServers?: (() => readonly IceServer[]) | undefined;
  /** Absent: nobody is told how far the record goes. */
  readonly checkpoints?: Checkpoints | undefined;
  readonly people: People;
  /** Absent: devices ask for their certificates elsewhere. */
  readonly enrolment?: Pick<EnrolmentMailbox, 'onTold'> | undefined;
}

/** The path of a message: decode, session, rules, handler, effects. */
export class Hub {
  readonly meetings: Meetings;
  readonly sessions: Sessions;
  readonly groups: Groups;
  readonly door: Door;
  readonly #options: HubOptions;
  readonly #countersigning: Countersigning | undefined;
  readonly #desk: RequestDesk;
  readonly #greeter: Greeter;
  readonly #peers = new Set<Peer>();
  readonly #stopListening: () => void;
  readonly #stopHearing: (() => void) | undefined;

  constructor(given: HubOptions) {
    const audit = marked(given.audit, (meeting) => this.door.conduct.inForce(meeting));
    const options = { ...given, audit };
    this.#options = options;
    this.sessions = new Sessions({
      ...options,
      onEnd: (session, why) => this.#sessionEnded(session, why),
      onTooLarge: (bytes) => options.logger.error('message.too-large', { bytes }),
    });
    this.groups = new Groups({
      ...options,
      sessions: this.sessions,
      expel: (meeting, participant) =>
        this.meetings.feed(meeting, { kind: 'expelled', participant, rule: 'group.expelled' }),
    });
    const runner = this.#makeRunner();
    this.meetings = new Meetings({ ...options, run: (meeting, effect) => runner.run(meeting, effect) });
    const { sessions, meetings } = this;
    const refusal = new UniformRefusal({
      ...options,
      sessions,
      refuse: (session, re, why) => this.#desk.refuse(session, re, why),
    });
    this.door = this.#makeDoor(refusal);
    this.#countersigning = this.#makeCountersigning();
    this.#desk = new RequestDesk({
      ...options,
      sessions,
      meetings,
      door: this.door,
      countersigning: this.#countersigning,
    });
    this.#greeter = new Greeter({
      sessions: this.sessions,
      heartbeatMs: options.limits.heartbeatMs,
      answer: (session, re, result) => this.#desk.answer(session, re, result),
      onResumed: () => options.stats.resumed(),
    });
    this.#stopListening = options.media.onEvent((meeting, to, event) =>
      this.meetings.feed(meeting, { kind: 'media-event', to, event }),
    );
    this.#stopHearing = options.enrolment?.onTold((key) => this.door.conduct.tellOfDevices(key));
  }

  #makeDoor(refusal: UniformRefusal): Door {
    const { sessions, meetings } = this;
    return new Door({
      ...this.#options,
      sessions,
      meetings,
      refusal,
      answer: (session, re, result) => this.#desk.answer(session, re, result),
      onMarkingRaised: (meeting) => this.groups.restart(meeting),
    });
  }

  #makeCountersigning(): Countersigning | undefined {
    const { checkpoints } = this.#options;
    const answer = (session: Session, re: number, result: Result<unknown>) =>
      this.#desk.answer(session, re, result);
    return (
      checkpoints && new Countersigning({ ...this.#options, checkpoints, meetings: this.meetings, answer })
    );
  }

  #makeRunner(): EffectRunner {
    return new EffectRunner({
      ...this.#options,
      sessions: this.sessions,
      groups: this.groups,
      answer: (session, re, result) => this.#desk.answer(session, re, result),
      newestCheckpoint: () => this.#countersigning?.newest,
      onAdmitted: (session) => this.#admitted(session),
      onDeparted: (participant) => this.door.left(participant),
      welcomeOf: (participant) => this.door.conduct.welcome(participant),
      onWelcomed: (participant) => this.door.conduct.welcomed(participant),
      isWaiting: (meeting, participant) => this.meetings.hasMember(meeting, participant),
      onEntered: (meeting, participant, result) =>
        this.meetings.feed(meeting, {
          kind: 'entered',
          participant,
          result,
          blobToken: this.groups.drawToken(),
        }),
    });
  }

  connect(connection: Connection): Peer {
    const peer = new Peer(connection, {
      ...this.#options,
      onMessage: (from, bytes, binary) => this.#receive(from, bytes, binary),
      onOver: (from, code) => this.#over(from, code),
      onSent: (bytes) => this.#options.stats.sent(bytes),
    });
    this.#peers.add(peer);
    return peer;
  }

  /** What the socket itself found wrong with a client's frames. */
  broken(peer: Peer, code: CloseCode): void {
    if (peer.isOpen) this.#options.stats.malformed(code);
    peer.cut(code);
  }

  /** Ends every meeting, then every connection, and hears nothing of the media plane any more. */
  stop(): void {
    // Who is cut off now has not left: the next start says so of all at once.
    this.door.close();
    for (const id of this.meetings.ids) this.meetings.end(id, 'server-stopping');
    for (const peer of [...this.#peers]) peer.cut('server.stopping');
    this.#stopListening();
    this.#stopHearing?.();
    this.#countersigning?.close();
  }

  #receive(peer: Peer, bytes: Bytes, binary: boolean): void {
    this.#options.stats.received(bytes.length);
    try {
      this.#decode(peer, bytes, binary);
    } catch (error) {
      // A bug that one client's message finds must not end the process that serves the others.
      this.#options.logger.error('message.failed', { message: messageOf(error) });
      peer.cut('server.failed');
    }
  }

  #decode(peer: Peer, bytes: Bytes, binary: boolean): void {
    const decoded = decode(bytes, binary);
    if (decoded.ok) this.#handle(peer, decoded.value);
    else this.#malformed(peer, decoded.refusal);
  }

  #malformed(peer: Peer, refusal: DecodeRefusal): void {
    const { session } = peer;
    this.#options.stats.malformed(refusal.code);
    if (isCloseCode(refusal.code)) peer.cut(refusal.code);
    else if (session === undefined || refusal.id === undefined) peer.cut('protocol.unanswerable');
    else if (this.#desk.admit(session, refusal.id)) this.#desk.refuse(session, refusal.id, refusal);
  }

  #handle(peer: Peer, message: ClientMessage): void {
    if (peer.session !== undefined) this.#take(peer, peer.session, message);
    else if (message.kind === 'hello' && !peer.isGreeting) this.#greeter.greet(peer, message);
    else peer.cut('order.hello-first');
  }

  #take(peer: Peer, session: Session, message: ClientMessage): void {
    if (message.ack !== undefined && !session.outbox.acknowledge(message.ack)) peer.cut('ack.beyond-sent');
    else if (message.kind !== 'ack' && this.#desk.admit(session, message.id))
      this.#desk.execute(session, message);
  }

  #admitted({ id, membership }: Session): void {
    const { stats, logger, redact } = this.#options;
    stats.joined();
    if (membership === undefined) return;
    const { meeting, participant } = membership;
    logger.info('participant.joined', {
      meeting: redact(meeting),
      participant: redact(participant),
      session: redact(id),
    });
  }

  #over(peer: Peer, code: CloseCode | undefined): void {
    this.#peers.delete(peer);
    if (code !== undefined) this.#closed(peer, code);
    const { session } = peer;
    if (session === undefined) return;
    if (fateOf(code) === 'kept') this.sessions.lose(session, peer);
    else if (session.link === peer) this.sessions.end(session, 'removed');
  }

  #closed({ session }: Peer, code: CloseCode): void {
    const { stats, logger, redact } = this.#options;
    stats.closed(code);
    logger.info('connection.closed', { code, session: session && redact(session.id) });
  }

  #sessionEnded(session: Session, why: SessionEnd): void {
    const { logger, redact } = this.#options;
    logger.info('session.ended', { session: redact(session.id), why });
    this.door.conduct.sessionEnded(session);
    if (session.membership === undefined) return;
    const { meeting, participant } = session.membership;
    this.meetings.feed(meeting, { kind: 'session-ended', participant, why });
  }
}
