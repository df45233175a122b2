import { toBase64Url } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { asId, type MeetingId, type ParticipantId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Redact } from '../../base/redact.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { lawOf } from '../../trust/acts/law.ts';
import { openMeeting } from '../../trust/acts/state.ts';
import { CHARTER, type SignedCharter } from '../../trust/charter/charter.ts';
import { peekStatement } from '../../trust/signing/statement.ts';
import type { Vouched } from '../../trust/statement/vouched.ts';
import { Conduct } from '../conduct/conduct.ts';
import { markingOf } from '../conduct/minutes.ts';
import type { SignalingLimits } from '../limits.ts';
import type { Meetings } from '../meetings.ts';
import type { AuditSink, MediaPlane, PeopleTrust, Store } from '../ports.ts';
import type { RequestOf } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { Charters } from './charters.ts';
import {
  type Circumstances,
  type Entrant,
  judgeCharter,
  judgeConvene,
  judgeEnter,
  standsNow,
} from './judge.ts';
import { Residents } from './residents.ts';
import type { Asked, UniformRefusal } from './uniform-refusal.ts';

const PARTICIPANT_ID_BYTES = 16;
const NONCE_BYTES = 32;
/** A session that has not joined by then is over: no nonce of its is taken later. */
const NONCE_KEPT_MS = 600_000;

export interface People {
  readonly trust: PeopleTrust;
  readonly store: Store;
}

interface DoorOptions {
  readonly people: People;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly redact: Redact;
  readonly audit: AuditSink;
  readonly limits: Pick<SignalingLimits, 'maxJudging' | 'maxWaiting'>;
  readonly media: MediaPlane;
  readonly sessions: Sessions;
  readonly meetings: Meetings;
  readonly refusal: UniformRefusal;
  readonly answer: (session: Session, re: number, result: Result<unknown>) => void;
  /** Everybody was judged anew and who failed is out: the group's keys are to change. */
  readonly onMarkingRaised: (meeting: MeetingId) => void;
}

/** For the record alone: nobody has signed it yet. */
const claimedMeetingOf = ({ charter }: RequestOf<'convene'>): MeetingId => {
  const peeked = peekStatement(CHARTER, charter.statement);
  return peeked.ok ? peeked.value.meeting : asId<MeetingId>('unreadable');
};

type Judged<T> = Promise<Result<T, Refusal>>;

/**
 * Where devices prove themselves. What they show is opened and judged apart from everything else, because cryptography
 * answers later; a session waits for it, and is told yes at once and no at the deadline.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #charters: Charters;
  readonly #residents: Residents;
  readonly conduct: Conduct;
  readonly #stopListening: () => void;
  #judging = 0;
  /** Meetings of the store that could not be opened again so far: a newer list may let them. */
  #hasClosed = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    const { people } = options;
    this.#charters = new Charters(people.store);
    this.#residents = new Residents({
      trust: people.trust,
      clock: options.clock,
      standingOf: (meeting) => this.conduct.standing(meeting),
      onOver: (meeting, failing) => this.conduct.expel(meeting, failing),
    });
    this.conduct = new Conduct({
      ...options,
      ...people,
      failing: (meeting, standing) => this.#residents.failing(meeting, standing),
      onGone: (participant) => this.#residents.leave(participant),
      onEnd: (meeting) => this.#end(meeting),
    });
    this.#stopListening = people.trust.onList(() => this.#listPublished());
  }

  /**
   * Opens again what was open before a restart, and what could not be opened then. Whose charter stands no longer stays
   * closed, and is logged.
   */
  async reopen(): Promise<void> {
    this.#hasClosed = false;
    for (const { id, vouched } of this.#charters.stored()) {
      if (this.#charters.get(id) !== undefined) continue;
      const why = vouched === undefined ? 'charter.damaged' : await this.#reopenOne(id, vouched);
      if (why === undefined) continue;
      this.#hasClosed = true;
      this.#options.logger.warn('meeting.not-reopened', { why });
    }
  }

  /** Why not, if so. */
  async #reopenOne(id: MeetingId, vouched: Vouched): Promise<string | undefined> {
    const signed = await this.#guarded(() => judgeCharter(vouched, this.#now()));
    if (!signed.ok) return signed.refusal.code;
    const place = await this.#guarded(() => this.conduct.played(signed.value));
    if (!place.ok) return place.refusal.code;
    // Another look may have opened it in the meantime.
    if (this.#charters.get(id) !== undefined) return undefined;
    const opened = this.#options.meetings.create(id, vouched);
    if (!opened.ok) return opened.refusal.code;
    this.#charters.adopt({ signed: signed.value, vouched });
    this.conduct.resume(id, place.value);
    this.#options.logger.info('meeting.reopened', { meeting: this.#options.redact(id) });
    if (place.value.state.isEnded) this.#end(id);
    return undefined;
  }

  /** Its media is lost and everybody is out; its charter stands, and lets them in again. */
  restart(meeting: MeetingId): void {
    const kept = this.#charters.get(meeting);
    if (kept !== undefined) this.#options.meetings.create(meeting, kept.vouched);
  }

  challenge(session: Session, { id, meeting, purpose }: RequestOf<'challenge'>): void {
    const nonce = toBase64Url(this.#options.randomBytes(NONCE_BYTES));
    session.challenge = { nonce, meeting, purpose };
    this.#options.answer(session, id, ok({ nonce }));
  }

  enter(session: Session, request: RequestOf<'enter'>): void {
    const asked = this.#asked('entry', request.meeting, request.id);
    this.#judge(
      session,
      asked,
      () => this.#mayEnter(session, request),
      (entrant) => this.#admit(session, request, entrant, asked),
    );
  }

  convene(session: Session, request: RequestOf<'convene'>): void {
    const asked = this.#asked('convening', claimedMeetingOf(request), request.id);
    this.#judge(
      session,
      asked,
      () => this.#mayConvene(session, request),
      (signed) => this.#open(session, request, signed),
    );
  }

  left(participant: ParticipantId): void {
    this.#residents.leave(participant);
    this.conduct.departed(participant);
  }

  /** Somebody who waits goes. */
  goodbye(session: Session, { id }: RequestOf<'leave'>): void {
    const { answer, sessions } = this.#options;
    answer(session, id, ok({}));
    sessions.end(session, 'removed', 'session.left');
  }

  /** Forgets used nonces that nobody takes any more, and ends meetings that nobody can enter any more. */
  sweep(): void {
    const { people, clock } = this.#options;
    const nowUnixMs = clock.unixMs();
    people.store.sweep(nowUnixMs);
    this.#charters.settle();
    for (const meeting of this.#charters.over(nowUnixMs)) this.#end(meeting);
  }

  #end(meeting: MeetingId): void {
    this.ended(meeting);
    this.#options.meetings.end(meeting, 'ended');
  }

  /** Its charter opens no meeting any more; said before its people go, whose going is no news then. */
  ended(meeting: MeetingId): void {
    this.conduct.forget(meeting);
    this.#charters.end(meeting, this.#options.clock.unixMs());
  }

  close(): void {
    this.#stopListening();
    this.conduct.close();
    this.#residents.close();
  }

  #asked(what: Asked['what'], meeting: MeetingId, re: number): Asked {
    return { what, meeting, re, atMs: this.#options.clock.nowMs() };
  }

  #now() {
    return { trust: this.#options.people.trust, nowUnixMs: this.#options.clock.unixMs() };
  }

  /** The session waits while it is judged; one that is gone by then was judged for nothing. `admit` says why not, if so. */
  #judge<T>(
    session: Session,
    asked: Asked,
    judge: () => Judged<T>,
    admit: (value: T) => string | undefined,
  ): void {
    session.isEntering = true;
    if (this.#judging >= this.#options.limits.maxJudging) {
      this.#settle(session, asked, 'door.crowded');
      return;
    }
    this.#judging++;
    void this.#guarded(judge).then(async (judged) => {
      this.#judging--;
      if (this.#options.sessions.get(session.id) === undefined) return;
      const admitted = judged.ok ? await this.#guarded(async () => ok(admit(judged.value))) : judged;
      this.#settle(session, asked, admitted.ok ? admitted.value : admitted.refusal.code);
    });
  }

  /** Who is turned away is busy until told so: asking again meanwhile must not show how long the judgement took. */
  #settle(session: Session, asked: Asked, why: string | undefined): void {
    const free = () => {
      session.isEntering = false;
    };
    if (why === undefined) free();
    else this.#options.refusal.turnAway(session, asked, why, free);
  }

  /** What only a bug can throw ends as a refusal: nobody enters by it. */
  async #guarded<T>(judge: () => Judged<T>): Judged<T> {
    try {
      return await judge();
    } catch (error) {
      this.#options.logger.error('door.failed', { message: messageOf(error) });
      return refuse('door.failed', 'the judgement failed');
    }
  }

  async #mayEnter(session: Session, request: RequestOf<'enter'>): Judged<Entrant> {
    const { meetings } = this.#options;
    const charter = this.#charters.get(request.meeting)?.signed;
    const standing = this.conduct.standing(request.meeting);
    const judged = await judgeEnter(request, charter, { ...this.#circumstances(session), standing });
    if (!judged.ok) return judged;
    return meetings.has(request.meeting) ? judged : refuse('meeting.unknown', 'there is no such meeting');
  }

  #mayConvene(session: Session, request: RequestOf<'convene'>): Judged<SignedCharter> {
    return judgeConvene(request, this.#circumstances(session));
  }

  /** Takes the session's challenge: it serves once, whatever comes of it, over a restart too. */
  #circumstances(session: Session): Circumstances {
    const { people, clock } = this.#options;
    const { challenge } = session;
    session.challenge = undefined;
    const untilUnixMs = clock.unixMs() + NONCE_KEPT_MS;
    const spend = (id: string) => people.store.useOnce({ kind: 'nonce', id, untilUnixMs });
    return { ...this.#now(), session: session.id, challenge, spend };
  }

  #admit(session: Session, request: RequestOf<'enter'>, entrant: Entrant, asked: Asked): string | undefined {
    const admitted = this.#residents.ask(request.meeting, entrant.question);
    if (!admitted.ok) return admitted.refusal.code;
    const participant = asId<ParticipantId>(toBase64Url(this.#options.randomBytes(PARTICIPANT_ID_BYTES)));
    const now = { ...entrant, admitted: admitted.value };
    const why = this.conduct.arrive({ session, participant, request, entrant: now, asked });
    // Who found no place has been told so.
    if (this.conduct.isSeated(participant)) this.#residents.admit(request.meeting, participant, now);
    return why;
  }

  /** What can refuse is asked before anything is written: a charter that opens nothing now may open its meeting later. */
  #open(session: Session, request: RequestOf<'convene'>, signed: SignedCharter): string | undefined {
    const { clock, meetings, answer } = this.#options;
    const { meeting } = signed.opened.value;
    const { charter: vouched } = request;
    const stands = standsNow(signed, this.#now());
    if (!stands.ok) return stands.refusal.code;
    const isOpen = meetings.has(meeting);
    const room = isOpen ? ok(undefined) : meetings.hasRoom();
    if (!room.ok) return room.refusal.code;
    const recorded = this.#recordConvening(session, signed);
    if (!recorded.ok) return recorded.refusal.code;
    const opened = this.#charters.open({ signed, vouched }, clock.unixMs());
    if (!opened.ok) return opened.refusal.code;
    const created = isOpen ? ok(undefined) : meetings.create(meeting, vouched);
    if (!created.ok) return created.refusal.code;
    if (!isOpen) this.conduct.begin(signed);
    answer(session, request.id, ok({}));
    return undefined;
  }

  /** By the charter's marking: there is no other one yet, or it is in force already. */
  #recordConvening({ id }: Session, { opened: { value, digest } }: SignedCharter): Result<undefined> {
    const { meeting } = value;
    const { scale } = this.#options.people.trust;
    const inForce = this.conduct.inForce(meeting) ?? markingOf(openMeeting(value, digest, lawOf(scale)));
    const decision = {
      kind: 'decision',
      meeting,
      asked: 'convening',
      allowed: true,
      rule: 'charter',
    } as const;
    return this.#options.audit.write({ ...decision, ...inForce, by: id });
  }

  #listPublished(): void {
    const { people, meetings } = this.#options;
    const number = people.trust.list()?.current.list.number;
    this.#residents.judge();
    if (this.#hasClosed) void this.reopen();
    if (number === undefined) return;
    for (const id of meetings.ids) meetings.feed(id, { kind: 'list-published', number });
  }
}
