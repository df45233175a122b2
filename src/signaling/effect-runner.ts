import { messageOf } from '../base/errors.ts';
import type { MeetingId, ParticipantId, SessionId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { IceServer, MediaReply } from '../base/media.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { RtpCapabilities } from '../base/rtp.ts';
import type { SignedCheckpoint } from '../trust/record/checkpoint.ts';
import type { Groups } from './group/groups.ts';
import type { Effect } from './meeting/effects.ts';
import type { AuditSink, MediaPlane } from './ports.ts';
import { encodeEvent } from './protocol/encode.ts';
import type { RosterEntry } from './protocol/messages.ts';
import { inParts, writtenBytes } from './protocol/parts.ts';
import type { Session } from './session/session.ts';
import type { Sessions } from './session/sessions.ts';

interface EffectRunnerOptions {
  readonly media: MediaPlane;
  readonly audit: AuditSink;
  readonly sessions: Sessions;
  readonly logger: Logger;
  /** Access to the deployment's TURN server for one transport; absent where it has none. */
  readonly mintIceServers?: (() => readonly IceServer[]) | undefined;
  readonly answer: (session: Session, re: number, result: Result<unknown>) => void;
  readonly groups: Pick<Groups, 'seat' | 'hear' | 'leave' | 'end'>;
  readonly onAdmitted: (session: Session) => void;
  readonly onDeparted: (participant: ParticipantId) => void;
  readonly newestCheckpoint: () => SignedCheckpoint | undefined;
  /** What the chain of its meeting adds to the reply to its entry, and that it was sent. */
  readonly welcomeOf: (participant: ParticipantId) => object;
  readonly onWelcomed: (participant: ParticipantId) => void;
  /** Whether the participant still wants in, once its room is open. */
  readonly isWaiting: (meeting: MeetingId, participant: ParticipantId) => boolean;
  readonly onEntered: (
    meeting: MeetingId,
    participant: ParticipantId,
    result: Result<RtpCapabilities>,
  ) => void;
}

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;
type Runners = {
  readonly [Kind in Effect['kind']]: (meeting: MeetingId, effect: EffectOf<Kind>) => void;
};

const FAILED = refuse('internal.error', 'the server failed while it handled the request');

/** Does what meetings want done. An effect that fails is logged and harms none of the others. */
export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  readonly #measured = new WeakMap<RosterEntry['announcement'], number>();

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
  }

  run(meeting: MeetingId, effect: Effect): void {
    try {
      (this.#runners[effect.kind] as (meeting: MeetingId, effect: Effect) => void)(meeting, effect);
    } catch (error) {
      this.#report(effect.kind, error);
    }
  }

  readonly #runners: Runners = {
    reply: (_, { session, re, result }) => this.#answer(session, re, result),
    welcome: (_, effect) => this.#welcome(effect),
    event: (_, effect) => this.#broadcast(effect),
    standing: (meeting, effect) => this.#setStanding(meeting, effect),
    // Who leaves, and what ends, does so even where it cannot be recorded: the record itself says that loudly.
    audit: (_, { entry }) => void this.#options.audit.write(entry),
    'tell-checkpoint': (_, { to }) => {
      const checkpoint = this.#options.newestCheckpoint();
      if (checkpoint !== undefined)
        this.#broadcast({ kind: 'event', to, event: { kind: 'checkpoint', ...checkpoint } });
    },
    enter: (meeting, effect) => void this.#enter(meeting, effect),
    depart: (meeting, { participant }) => {
      this.#options.media.leave(meeting, participant);
      this.#options.groups.leave(meeting, participant);
      this.#options.onDeparted(participant);
    },
    media: (meeting, effect) => void this.#request(meeting, effect),
    seat: (meeting, { participant, session, blobToken }) =>
      this.#options.groups.seat(meeting, participant, session, blobToken),
    group: (meeting, { session, re, participant, said }) =>
      this.#answer(session, re, this.#options.groups.hear(meeting, participant, said)),
    'close-session': (_, { session: id, code }) =>
      this.#withSession(id, (session) => this.#options.sessions.end(session, 'removed', code)),
    'close-room': (meeting) => {
      this.#options.groups.end(meeting);
      this.#options.media.closeRoom(meeting);
    },
  };

  #withSession(id: SessionId, use: (session: Session) => void): void {
    const session = this.#options.sessions.get(id);
    if (session !== undefined) use(session);
  }

  #answer(id: SessionId, re: number, result: Result<unknown>): void {
    this.#withSession(id, (session) => this.#options.answer(session, re, result));
  }

  #welcome({ session, re, participant, roster, body }: EffectOf<'welcome'>): void {
    const { welcomeOf, onWelcomed } = this.#options;
    const reply = { ...body, ...welcomeOf(participant) };
    const [first = [], ...more] = inParts(roster, this.#entryBytes, writtenBytes(reply));
    this.#answer(session, re, ok({ ...reply, roster: first }));
    for (const part of more)
      this.#broadcast({ kind: 'event', to: [session], event: { kind: 'roster', roster: [...part] } });
    onWelcomed(participant);
  }

  /** Everybody is in the roster of each who comes later: written once to be measured. */
  readonly #entryBytes = (entry: RosterEntry): number => {
    const known = this.#measured.get(entry.announcement);
    const bytes = known ?? writtenBytes(entry);
    if (known === undefined) this.#measured.set(entry.announcement, bytes);
    return bytes;
  };

  #broadcast({ to, event }: EffectOf<'event'>): void {
    const encode = encodeEvent(event);
    for (const id of to) this.#withSession(id, (session) => this.#options.sessions.deliver(session, encode));
  }

  #setStanding(meeting: MeetingId, { session: id, standing }: EffectOf<'standing'>): void {
    this.#withSession(id, (session) => {
      if (standing === undefined && session.membership !== undefined)
        this.#options.onDeparted(session.membership.participant);
      session.membership = standing === undefined ? undefined : { meeting, ...standing };
      if (standing?.admitted === true) this.#options.onAdmitted(session);
    });
  }

  async #enter(meeting: MeetingId, { participant, number }: EffectOf<'enter'>): Promise<void> {
    const { media, isWaiting, onEntered } = this.#options;
    const result = await this.#settled('enter', async () => {
      const room = await media.openRoom(meeting);
      // Who gave up while the room was being opened must not be left behind in it.
      if (!room.ok || !isWaiting(meeting, participant)) return room;
      const entry = media.enter(meeting, participant, number);
      return entry.ok ? room : entry;
    });
    onEntered(meeting, participant, result);
  }

  async #request(meeting: MeetingId, effect: EffectOf<'media'>): Promise<void> {
    const { participant, request, session, re } = effect;
    const outcome = await this.#settled(request.kind, () =>
      this.#options.media.request(meeting, participant, request),
    );
    this.#answer(session, re, outcome.ok ? ok(this.#bodyOf(outcome.value)) : outcome);
  }

  /** The kind of a reply is told by its request; the wire carries the rest. */
  #bodyOf({ kind, ...body }: MediaReply): object {
    const { mintIceServers } = this.#options;
    return kind === 'transport' && mintIceServers ? { ...body, iceServers: mintIceServers() } : body;
  }

  /** The port promises to settle with a Result; anything else is a bug there, told to the one who asked. */
  async #settled<T>(what: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await work();
    } catch (error) {
      this.#report(what, error);
      return FAILED;
    }
  }

  #report(what: string, error: unknown): void {
    this.#options.logger.error('media-plane.failed', { what, message: messageOf(error) });
  }
}
