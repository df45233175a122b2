import { toBase64Url } from '../base/bytes.ts';
import type { Clock, RandomBytes } from '../base/clock.ts';
import { asId, type MeetingId, type ParticipantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Redact } from '../base/redact.ts';
import type { Refusal, Result } from '../base/result.ts';
import type { Countersigning } from './countersigning.ts';
import type { Door } from './door/door.ts';
import type { UniformRefusal } from './door/uniform-refusal.ts';
import { judgeToken, type Mac } from './entry/token.ts';
import type { Caller, MeetingRequest } from './meeting/inputs.ts';
import { orderRefusal } from './meeting/rules.ts';
import type { Meetings } from './meetings.ts';
import type { AuditSink, MediaPlane } from './ports.ts';
import type { AnswerCode } from './protocol/codes.ts';
import { encodeReply } from './protocol/encode.ts';
import type { Request, RequestOf } from './protocol/messages.ts';
import type { Session } from './session/session.ts';
import type { Sessions } from './session/sessions.ts';
import type { StatsKeeper } from './stats.ts';

const PARTICIPANT_ID_BYTES = 16;

interface RequestDeskOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly redact: Redact;
  readonly mac: Mac;
  readonly audit: AuditSink;
  readonly refusal: UniformRefusal;
  /** Absent: nobody enters with a certificate. */
  readonly door: Door | undefined;
  /** Absent: nobody was told of a checkpoint. */
  readonly countersigning: Countersigning | undefined;
  readonly media: Pick<MediaPlane, 'sourceOf'>;
  readonly stats: StatsKeeper;
  readonly sessions: Sessions;
  readonly meetings: Meetings;
}

type DoorRequest = RequestOf<'challenge'> | RequestOf<'convene'> | RequestOf<'enter'>;
const isForDoor = (request: Request): request is DoorRequest =>
  request.kind === 'challenge' || request.kind === 'convene' || request.kind === 'enter';

const NO_RECORD: Refusal<AnswerCode> = {
  code: 'record.refused',
  message: 'there is no record to countersign',
};
/** Judged, or before the door. */
const isBusy = ({ isEntering, isWaiting }: Session): boolean => isEntering || isWaiting;

const NOT_GRANTED: Refusal<AnswerCode> = {
  code: 'media.not-granted',
  message: 'this participant may not send this source',
  remedy: 'ask the chair',
};
const NOT_A_LEADER: Refusal<AnswerCode> = {
  code: 'group.not-a-leader',
  message: 'this participant does not say what the meeting is called',
  remedy: 'ask the chair',
};
const ENTERING: Refusal<AnswerCode> = {
  code: 'order.entering',
  message: 'an earlier request of this session is being judged',
  remedy: 'wait for its answer',
};

/** Takes the requests of sessions: each is executed once, and those that the rules let through reach their meeting. */
export class RequestDesk {
  readonly #options: RequestDeskOptions;
  readonly #refusal: UniformRefusal;

  constructor(options: RequestDeskOptions) {
    this.#options = options;
    this.#refusal = options.refusal;
  }

  /** Whether request `id` is new and to be executed; a repeat is answered here, from the kept reply if there is one. */
  admit(session: Session, id: number): boolean {
    const admission = session.requests.admit(id);
    if (admission.kind === 'answered') session.link?.send(admission.reply);
    if (admission.kind === 'stale')
      this.#refuseUnkept(session, id, 'request.stale-id', 'the id was used before, its reply is gone');
    if (admission.kind === 'full')
      this.#refuseUnkept(session, id, 'request.too-many-pending', 'too many requests wait: repeat it later');
    return admission.kind === 'new';
  }

  execute(session: Session, request: Request): void {
    if (request.kind === 'hello')
      this.refuse(session, request.id, { code: 'order.already-open', message: 'hello was said' });
    else if (isForDoor(request)) this.#executeAtDoor(session, request);
    else if (request.kind === 'countersign') this.#countersign(session, request);
    else this.#executeInMeeting(session, request);
  }

  answer(session: Session, re: number, result: Result<unknown>): void {
    if (!result.ok) this.#options.stats.refused(result.refusal.code);
    this.#options.sessions.answer(session, re, result);
  }

  refuse(session: Session, re: number, refusal: Refusal): void {
    this.answer(session, re, { ok: false, refusal });
  }

  /** The id is not used up by this answer: the client may repeat it. */
  #refuseUnkept(session: Session, re: number, code: AnswerCode, message: string): void {
    this.#options.stats.refused(code);
    this.#options.sessions.deliver(session, encodeReply(re, { ok: false, refusal: { code, message } }));
  }

  /** A relay that knows no people has no door, and says so as to anybody who is not admitted. */
  #executeAtDoor(session: Session, request: DoorRequest): void {
    const { door, clock } = this.#options;
    const refusal = this.#outOfOrder(session, 'join');
    if (refusal !== undefined) this.refuse(session, request.id, refusal);
    else if (door !== undefined)
      (door[request.kind] as (session: Session, request: DoorRequest) => void).call(door, session, request);
    else {
      const meeting = 'meeting' in request ? request.meeting : asId<MeetingId>('none');
      const asked = { what: 'entry', meeting, re: request.id, atMs: clock.nowMs() } as const;
      this.#refusal.turnAway(session, asked, 'people.unknown');
    }
  }

  #countersign(session: Session, request: RequestOf<'countersign'>): void {
    const refusal = orderRefusal('leave', session.membership);
    if (refusal !== undefined) this.refuse(session, request.id, refusal);
    else if (this.#options.countersigning === undefined) this.refuse(session, request.id, NO_RECORD);
    else void this.#options.countersigning.take(session, request);
  }

  #outOfOrder(session: Session, kind: MeetingRequest['kind']): Refusal | undefined {
    if (isBusy(session) && (kind === 'join' || kind === 'enter')) return ENTERING;
    return orderRefusal(kind, session.membership);
  }

  #executeInMeeting(session: Session, request: MeetingRequest): void {
    const { door } = this.#options;
    if (request.kind === 'leave' && session.isWaiting && door !== undefined) {
      door.goodbye(session, request);
      return;
    }
    const refusal =
      this.#outOfOrder(session, request.kind) ??
      this.#notGranted(session, request) ??
      this.#notALeader(session, request);
    if (refusal !== undefined) this.refuse(session, request.id, refusal);
    else if (request.kind === 'join') this.#join(session, request);
    else if (this.#hasChain(session) && door !== undefined && request.kind === 'act')
      door.conduct.act(session, request);
    else if (this.#hasChain(session) && door !== undefined && request.kind === 'history')
      this.answer(session, request.id, door.conduct.history(session, request));
    else this.#feed(session, request);
  }

  #hasChain({ membership }: Session): boolean {
    return membership !== undefined && this.#options.meetings.hasCharter(membership.meeting);
  }

  /** Default deny: in a meeting with a charter only what its chain grants is sent. */
  #notGranted(session: Session, request: MeetingRequest): Refusal | undefined {
    const { door, media } = this.#options;
    const { membership } = session;
    if (membership === undefined || !this.#hasChain(session)) return undefined;
    const source =
      request.kind === 'resume-producer'
        ? media.sourceOf(membership.meeting, membership.participant, request.producer)
        : request.kind === 'produce' && request.source;
    // What there is none of is the media side's to say.
    if (!source || door?.conduct.maySend(session.id, source) === true) return undefined;
    return NOT_GRANTED;
  }

  /** Clients judge by the signature inside, which is not to be read here. */
  #notALeader(session: Session, request: MeetingRequest): Refusal | undefined {
    const isTitle = request.kind === 'group' && request.said.kind === 'title';
    return isTitle && this.#options.door?.conduct.leads(session.id) !== true ? NOT_A_LEADER : undefined;
  }

  #feed(session: Session, request: MeetingRequest): void {
    if (session.membership === undefined) return;
    const { meeting, participant } = session.membership;
    this.#options.meetings.feed(meeting, {
      kind: 'request',
      from: { session: session.id, participant },
      request,
    });
  }

  #join(session: Session, request: RequestOf<'join'>): void {
    const participant = asId<ParticipantId>(toBase64Url(this.#options.randomBytes(PARTICIPANT_ID_BYTES)));
    const from = { session: session.id, participant };
    const why = this.#whyNotEnter(request) ?? this.#whyNotRecorded(request.meeting, from);
    const { id: re, meeting } = request;
    const asked = { what: 'entry', meeting, re, atMs: this.#options.clock.nowMs() } as const;
    if (why === undefined) this.#options.meetings.feed(meeting, { kind: 'request', from, request });
    else this.#refusal.turnAway(session, asked, why);
  }

  /** Both checks are always made: a missing meeting is not told by time either. */
  #whyNotEnter({ token, meeting }: RequestOf<'join'>): string | undefined {
    const { mac, clock, meetings } = this.#options;
    const judged = judgeToken(mac, token, meeting, clock.unixMs());
    const exists = meetings.has(meeting);
    if (!judged.ok) return judged.refusal.code;
    // Where a charter says who may enter, a token says nothing.
    if (meetings.hasCharter(meeting)) return 'meeting.has-charter';
    return exists ? undefined : 'meeting.unknown';
  }

  /** Nobody enters unrecorded. */
  #whyNotRecorded(meeting: MeetingId, { session, participant }: Caller): string | undefined {
    const recorded = this.#options.audit.write({
      kind: 'decision',
      meeting,
      asked: 'entry',
      allowed: true,
      rule: 'token',
      by: session,
      on: participant,
    });
    return recorded.ok ? undefined : recorded.refusal.code;
  }
}
