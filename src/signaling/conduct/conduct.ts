import type { Clock } from '../../base/clock.ts';
import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { needsNobodysWord } from '../../trust/acts/change.ts';
import type { Effect } from '../../trust/acts/input.ts';
import { lawOf } from '../../trust/acts/law.ts';
import { type Place, startOf } from '../../trust/acts/place.ts';
import { CHAIR_LOST_AFTER_MS } from '../../trust/acts/rules.ts';
import { grantsOf, type MeetingState, mayEntitle, openMeeting } from '../../trust/acts/state.ts';
import type { SignedCharter } from '../../trust/charter/charter.ts';
import type { MeetingStanding } from '../../trust/charter/entry.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import { replay } from '../../trust/signing/chain.ts';
import type { KeyId } from '../../trust/statement/statement.ts';
import { sha256 } from '../audit/crypto.ts';
import type { InForce } from '../audit/marked.ts';
import type { Entrant } from '../door/judge.ts';
import type { Asked, UniformRefusal } from '../door/uniform-refusal.ts';
import type { SignalingLimits } from '../limits.ts';
import { JOIN_FIRST } from '../meeting/rules.ts';
import type { Meetings } from '../meetings.ts';
import type { AuditSink, MediaPlane, PeopleTrust, Store } from '../ports.ts';
import type { ReplyOf, RequestOf } from '../protocol/messages.ts';
import { inParts, writtenBytes } from '../protocol/parts.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { Chain, factOf } from './chain.ts';
import { Comings } from './comings.ts';
import { decisionsOf, identityOf, markingOf, writeAll } from './minutes.ts';
import { Orders } from './orders.ts';
import { type Failing, Proceedings, standingOf } from './proceedings.ts';
import { type Seat, Seats } from './seats.ts';
import { type Cause, Usher } from './usher.ts';

/** Read at once for one reply of `history`: more than it has room for is read in vain. */
const HISTORY_PAGE_BYTES = 65_536;

export interface ConductOptions {
  readonly trust: PeopleTrust;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: AuditSink;
  readonly limits: Pick<SignalingLimits, 'maxWaiting'>;
  readonly sessions: Sessions;
  readonly meetings: Meetings;
  readonly media: Pick<MediaPlane, 'mute' | 'stop' | 'sourceOf'>;
  readonly refusal: UniformRefusal;
  readonly answer: (session: Session, re: number, result: Result<unknown>) => void;
  /** Who is in or waits there and would not be entitled by what the meeting has become, and by which rule. */
  readonly failing: (meeting: MeetingId, standing: MeetingStanding) => readonly Failing[];
  readonly onGone: (participant: ParticipantId) => void;
  readonly onEnd: (meeting: MeetingId) => void;
  readonly onMarkingRaised: (meeting: MeetingId) => void;
}

/** Somebody who is entitled to enter, and stands before the door. */
export interface Arrival {
  readonly session: Session;
  readonly participant: ParticipantId;
  readonly request: RequestOf<'enter'>;
  readonly entrant: Entrant;
  readonly asked: Asked;
}

/**
 * Meetings follow the rules of acts: here acts and facts become entries, and entries what happens to people. The
 * pure part is `trust/acts`, which every client plays as well.
 */
export class Conduct {
  readonly #options: ConductOptions;
  readonly #chains = new Map<MeetingId, Chain>();
  readonly #seats = new Seats();
  readonly #comings: Comings;
  readonly #proceedings: Proceedings;
  readonly #orders: Orders;
  readonly #usher: Usher;

  constructor(options: ConductOptions) {
    this.#options = options;
    this.#comings = new Comings(options.clock);
    this.#usher = new Usher({
      ...options,
      seats: this.#seats,
      chairOf: (meeting) => this.#chains.get(meeting)?.state.chair,
      onNoPlace: (seat) => this.#gone(seat),
    });
    const parts = { ...options, seats: this.#seats, usher: this.#usher };
    this.#proceedings = new Proceedings(parts);
    this.#orders = new Orders({
      ...parts,
      proceedings: this.#proceedings,
      chainOf: (meeting) => this.#chains.get(meeting),
      expel: (meeting, failing) => this.expel(meeting, failing),
    });
  }

  /** A meeting that nothing has happened in yet. */
  begin({ opened: { value, digest } }: SignedCharter): void {
    this.#adopt(value.meeting, startOf(openMeeting(value, digest, lawOf(this.#options.trust.scale))));
  }

  /** Plays what the store has of a meeting. */
  async played({ opened: { value, digest } }: SignedCharter): Promise<Result<Place>> {
    const { store, trust } = this.#options;
    let place = startOf(openMeeting(value, digest, lawOf(trust.scale)));
    for (;;) {
      const texts = store.entriesAfter(value.meeting, place.head.n, HISTORY_PAGE_BYTES);
      if (texts.length === 0) return ok(place);
      const next = await replay(place, texts, trust);
      if (!next.ok) return next;
      place = next.value;
    }
  }

  /** As it was before a restart; whoever was there then has left. */
  resume(meeting: MeetingId, place: Place): void {
    const chain = this.#adopt(meeting, place);
    for (const person of new Set([...place.state.present, ...place.state.waiting]))
      chain.owe({ kind: 'left', person });
    if (chain.owed.length > 0) this.#settle(chain, { rule: 'restart' });
  }

  #adopt(meeting: MeetingId, place: Place): Chain {
    const chain = new Chain(meeting, place, { ...this.#options, sha256 });
    this.#chains.set(meeting, chain);
    return chain;
  }

  /** Over, or closed: nothing more is written. Who waits is turned away. */
  forget(meeting: MeetingId): void {
    if (!this.#chains.delete(meeting)) return;
    this.#comings.forget(meeting);
    for (const seat of this.#seats.all(meeting))
      if (seat.stage === 'in') this.#drop(seat);
      else this.#usher.expel(seat, 'meeting.ended');
  }

  close(): void {
    for (const meeting of this.#chains.keys()) for (const seat of this.#seats.all(meeting)) this.#drop(seat);
    this.#chains.clear();
  }

  standing(meeting: MeetingId): MeetingStanding | undefined {
    const state = this.#chains.get(meeting)?.state;
    return state && standingOf(state);
  }

  /** What every decision in a meeting is recorded with. */
  inForce(meeting: MeetingId): InForce | undefined {
    const state = this.#chains.get(meeting)?.state;
    return state && markingOf(state);
  }

  /** Why not, if so. Who has to wait has been told. */
  arrive(arrival: Arrival): string | undefined {
    const { request, entrant } = arrival;
    const { person, device } = entrant.admitted;
    const { meeting } = request;
    const chain = this.#chains.get(meeting);
    if (chain === undefined) return 'meeting.unknown';
    if (chain.isOut(person)) return 'entry.banned';
    const old = this.#seats.of(meeting, person);
    if (!this.#hasRoom(arrival, chain.state, old)) return undefined;
    if (!this.#comings.allows(meeting, person)) return 'entry.too-often';
    const replaces = old?.stage === 'in' ? old.participant : undefined;
    const seat: Seat = { ...arrival, meeting, person, device, replaces, stage: 'arriving' };
    return this.#comes(chain, seat, old);
  }

  /** Where there is none the person has been told so. */
  #hasRoom(
    { session, participant, request, entrant }: Arrival,
    state: MeetingState,
    old: Seat | undefined,
  ): boolean {
    const { meetings, limits, answer } = this.#options;
    const { meeting, announcement, id } = request;
    const from = { session: session.id, participant };
    if (!meetings.hasPlace(meeting, announcement, old?.participant)) {
      meetings.feed(meeting, { kind: 'request', from, request });
      return false;
    }
    const { person } = entrant.admitted;
    const isOneMore =
      !state.present.has(person) && !needsNobodysWord(state, person) && old?.stage !== 'waiting';
    const hasRoom = !isOneMore || this.#seats.waiting(meeting).length < limits.maxWaiting;
    if (!hasRoom) answer(session, id, refuse('join.full', 'as many wait as may'));
    return hasRoom;
  }

  #comes(chain: Chain, seat: Seat, old: Seat | undefined): string | undefined {
    const { meeting, person } = seat;
    const seatOf = (who: PersonId) => (who === person ? seat : this.#seats.of(meeting, who));
    const taken = chain.take(factOf({ kind: 'arrived', person }), {
      consequences: this.#proceedings.consequences(meeting, seatOf, new Map()),
      record: (effects, state) => {
        const stays: Effect[] = isTold(effects, person) ? [] : [{ kind: 'let-in', person }];
        const decisions = decisionsOf([...stays, ...effects], state, 'charter', seatOf);
        return writeAll(this.#options.audit, [identityOf(seat), ...decisions]);
      },
    });
    if (!taken.ok) return taken.refusal.code;
    // In this order: this one hears that it replaces another, the others hear of it, the older device is told and out, this one comes.
    const replaced = old?.session === seat.session ? undefined : old;
    if (replaced !== undefined) this.#usher.tellReplacing(seat, replaced);
    this.#proceedings.carryOut(meeting, taken.value, { rule: 'charter' }, () => {
      if (replaced !== undefined) this.#usher.replace(replaced);
      this.#seats.put(seat);
      if (!isTold(taken.value.effects, person)) this.#usher.bringIn(seat);
    });
    return undefined;
  }

  /** In, or before the door. */
  isSeated(participant: ParticipantId): boolean {
    return this.#seats.byParticipant(participant) !== undefined;
  }

  /** By its own will, by a lost connection, or because the media room did not take it. */
  departed(participant: ParticipantId): void {
    const seat = this.#seats.byParticipant(participant);
    if (seat !== undefined && seat.stage !== 'sent-back') this.#gone(seat);
  }

  /** Who waits, or was put before the door, is there no longer. */
  sessionEnded({ id }: Pick<Session, 'id'>): void {
    const seat = this.#seats.bySession(id);
    if (seat !== undefined && seat.stage !== 'in') this.#gone(seat);
  }

  #gone(seat: Seat): void {
    this.#drop(seat);
    const chain = this.#chains.get(seat.meeting);
    if (chain === undefined || !isThere(chain.state, seat.person)) return;
    const lostMs = chain.state.chair === seat.person ? this.#lostMs(seat.session) : undefined;
    chain.owe({ kind: 'left', person: seat.person, ...(lostMs === undefined ? {} : { lostMs }) });
    this.#settle(chain, { rule: 'left' });
  }

  /** Counted from when its connection was found lost, not from when its place was given up. */
  #lostMs({ lostAtMs }: Session): number | undefined {
    if (lostAtMs === undefined) return undefined;
    const lostMs = Math.floor(this.#options.clock.nowMs() - lostAtMs);
    return lostMs < 1 ? undefined : Math.min(CHAIR_LOST_AFTER_MS, lostMs);
  }

  #drop(seat: Seat): void {
    this.#seats.drop(seat);
    this.#options.onGone(seat.participant);
    seat.session.isWaiting = false;
  }

  /** By a newer list, or because something of theirs has ended: out, whether it can be written or not. */
  expel(meeting: MeetingId, failing: readonly Failing[]): void {
    const chain = this.#chains.get(meeting);
    if (chain === undefined) return;
    const ruleOf = new Map<PersonId, string>();
    for (const { participant, rule } of failing) {
      const seat = this.#seats.byParticipant(participant);
      if (seat === undefined) continue;
      ruleOf.set(seat.person, rule);
      chain.owe({ kind: 'not-entitled', person: seat.person });
    }
    if (ruleOf.size > 0) this.#settle(chain, { rule: 'not-entitled', ruleOf });
  }

  /** What is true already: where it cannot be written it is done all the same, and written as soon as something can. */
  #settle(chain: Chain, cause: Cause): void {
    const { meeting } = chain;
    const taken = chain.take();
    if (taken.ok) {
      this.#proceedings.carryOut(meeting, taken.value, cause);
      return;
    }
    this.#options.logger.error('entry.unwritten', { why: taken.refusal.code });
    for (const { person } of chain.owed) {
      const seat = this.#seats.of(meeting, person);
      if (seat !== undefined) this.#usher.expel(seat, cause.ruleOf?.get(person) ?? cause.rule);
    }
  }

  act(session: Session, request: RequestOf<'act'>): void {
    this.#orders.add(session, request);
  }

  /** The authority left word for this device, of which devices its person has. */
  tellOfDevices(key: KeyId): void {
    for (const { session } of this.#seats.byKey(key)) this.#usher.tell(session, { kind: 'own-devices' });
  }

  history({ id, membership }: Session, { after }: RequestOf<'history'>): Result<unknown> {
    const chain = membership && this.#chains.get(membership.meeting);
    if (chain === undefined || this.#seats.bySession(id)?.stage !== 'in')
      return { ok: false, refusal: JOIN_FIRST };
    const texts = this.#options.store.entriesAfter(chain.meeting, after, HISTORY_PAGE_BYTES);
    const [entries = []] = inParts(texts, writtenBytes);
    return ok({ entries, head: chain.head });
  }

  /** What the reply to an entry tells of the chain at that moment: with this participant's own arrival. */
  welcome(participant: ParticipantId): Partial<Pick<ReplyOf<'enter'>, 'head' | 'replaces'>> {
    const seat = this.#seats.byParticipant(participant);
    const chain = seat && this.#chains.get(seat.meeting);
    if (seat === undefined || chain === undefined) return {};
    return { head: chain.head, ...(seat.replaces === undefined ? {} : { replaces: seat.replaces }) };
  }

  /** A chair who comes hears of everybody who waits. */
  welcomed(participant: ParticipantId): void {
    const seat = this.#seats.byParticipant(participant);
    if (seat !== undefined && this.#chains.get(seat.meeting)?.state.chair === seat.person)
      this.#usher.tellChair(seat.meeting);
  }

  /** Default deny: nobody sends what the chain does not grant. */
  maySend(session: SessionId, source: Source): boolean {
    const seat = this.#seats.bySession(session);
    const state = seat && this.#chains.get(seat.meeting)?.state;
    return state !== undefined && seat !== undefined && grantsOf(state, seat.person).has(source);
  }

  /** Chair or deputy in force, or the convener. */
  leads(session: SessionId): boolean {
    const seat = this.#seats.bySession(session);
    const state = seat && this.#chains.get(seat.meeting)?.state;
    return state !== undefined && seat !== undefined && mayEntitle(state, seat);
  }
}

/** A person who is in already, by another device, stays in: nothing follows for it. */
const isTold = (effects: readonly Effect[], person: PersonId): boolean =>
  effects.some((effect) => (effect.kind === 'let-in' || effect.kind === 'wait') && effect.person === person);

const isThere = ({ present, waiting }: MeetingState, person: PersonId): boolean =>
  present.has(person) || waiting.has(person);
