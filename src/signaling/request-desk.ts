import type { Refusal, Result } from '../base/result.ts';
import type { Countersigning } from './countersigning.ts';
import type { Door } from './door/door.ts';
import type { MeetingRequest } from './meeting/inputs.ts';
import { entryOrder, participantOrder } from './meeting/rules.ts';
import type { Meetings } from './meetings.ts';
import type { MediaPlane } from './ports.ts';
import type { AnswerCode } from './protocol/codes.ts';
import { encodeReply } from './protocol/encode.ts';
import type { Request, RequestOf } from './protocol/messages.ts';
import type { Session } from './session/session.ts';
import type { Sessions } from './session/sessions.ts';
import type { StatsKeeper } from './stats.ts';

interface RequestDeskOptions {
  readonly door: Door;
  /** Absent: nobody was told of a checkpoint. */
  readonly countersigning: Countersigning | undefined;
  readonly media: Pick<MediaPlane, 'sourceOf'>;
  readonly stats: StatsKeeper;
  readonly sessions: Sessions;
  readonly meetings: Meetings;
}

type DoorRequest = RequestOf<'challenge'> | RequestOf<'convene'> | RequestOf<'enter'>;
type ParticipantRequest = Exclude<Request, DoorRequest | RequestOf<'hello'>>;
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

  constructor(options: RequestDeskOptions) {
    this.#options = options;
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
    else if (request.kind === 'leave' && session.isWaiting) this.#options.door.goodbye(session, request);
    else this.#executeWithin(session, request);
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

  #executeAtDoor(session: Session, request: DoorRequest): void {
    const { door } = this.#options;
    const refusal = isBusy(session) ? ENTERING : entryOrder(session.membership);
    if (refusal !== undefined) this.refuse(session, request.id, refusal);
    else
      (door[request.kind] as (session: Session, request: DoorRequest) => void).call(door, session, request);
  }

  #executeWithin(session: Session, request: ParticipantRequest): void {
    const { conduct } = this.#options.door;
    const refusal =
      participantOrder(session.membership) ??
      this.#notGranted(session, request) ??
      this.#notALeader(session, request);
    if (refusal !== undefined) this.refuse(session, request.id, refusal);
    else if (request.kind === 'act') conduct.act(session, request);
    else if (request.kind === 'history') this.answer(session, request.id, conduct.history(session, request));
    else if (request.kind === 'countersign') this.#countersign(session, request);
    else this.#feed(session, request);
  }

  #countersign(session: Session, request: RequestOf<'countersign'>): void {
    const { countersigning } = this.#options;
    if (countersigning === undefined) this.refuse(session, request.id, NO_RECORD);
    else void countersigning.take(session, request);
  }

  /** Default deny: only what the meeting's chain grants is sent. */
  #notGranted({ id, membership }: Session, request: ParticipantRequest): Refusal | undefined {
    const { door, media } = this.#options;
    if (membership === undefined) return undefined;
    const source =
      request.kind === 'resume-producer'
        ? media.sourceOf(membership.meeting, membership.participant, request.producer)
        : request.kind === 'produce' && request.source;
    // What there is none of is the media side's to say.
    return !source || door.conduct.maySend(id, source) ? undefined : NOT_GRANTED;
  }

  /** Clients judge by the signature inside, which is not to be read here. */
  #notALeader({ id }: Session, request: ParticipantRequest): Refusal | undefined {
    const isTitle = request.kind === 'group' && request.said.kind === 'title';
    return isTitle && !this.#options.door.conduct.leads(id) ? NOT_A_LEADER : undefined;
  }

  #feed({ id, membership }: Session, request: MeetingRequest): void {
    if (membership === undefined) return;
    const { meeting, participant } = membership;
    const from = { session: id, participant };
    this.#options.meetings.feed(meeting, { kind: 'request', from, request });
  }
}
