import type { MeetingId, ParticipantId } from '../../base/ids.ts';
import type { Effect } from '../../trust/acts/input.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { UniformRefusal } from '../door/uniform-refusal.ts';
import type { Meetings } from '../meetings.ts';
import type { MediaPlane } from '../ports.ts';
import { encodeEvent } from '../protocol/encode.ts';
import type { ServerEvent } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import type { Seat, Seats } from './seats.ts';

interface UsherOptions {
  readonly seats: Seats;
  readonly sessions: Sessions;
  readonly meetings: Meetings;
  readonly media: Pick<MediaPlane, 'mute' | 'stop'>;
  readonly refusal: UniformRefusal;
  readonly chairOf: (meeting: MeetingId) => PersonId | undefined;
  /** Its seat is gone: nobody watches over it any more. */
  readonly onGone: (participant: ParticipantId) => void;
  /** Let in, and there was no place after all. */
  readonly onNoPlace: (seat: Seat) => void;
  readonly onEnd: (meeting: MeetingId) => void;
  readonly onMarkingRaised: (meeting: MeetingId) => void;
}

/** Why, for the record; of single persons where it differs. */
export interface Cause {
  readonly rule: string;
  readonly ruleOf?: ReadonlyMap<PersonId, string>;
}

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;
type Runners = {
  readonly [Kind in Effect['kind']]: (meeting: MeetingId, effect: EffectOf<Kind>, around: Around) => void;
};
interface Around {
  readonly cause: Cause;
  /** Out of the meeting, and before its door again. */
  readonly sentBack: ReadonlySet<PersonId>;
}

const isIn = ({ stage, session, participant }: Seat): boolean =>
  stage === 'in' && session.membership?.admitted === true && session.membership.participant === participant;

/** Does what entries of a meeting's chain bring about, with those whom it concerns. */
export class Usher {
  readonly #options: UsherOptions;

  constructor(options: UsherOptions) {
    this.#options = options;
  }

  run(meeting: MeetingId, effects: readonly Effect[], cause: Cause): void {
    const waits = effects.flatMap((effect) => (effect.kind === 'wait' ? [effect.person] : []));
    const around = { cause, sentBack: new Set(waits) };
    for (const effect of effects)
      (this.#runners[effect.kind] as (meeting: MeetingId, effect: Effect, around: Around) => void)(
        meeting,
        effect,
        around,
      );
    if (effects.some(({ kind }) => kind === 'rejudge')) this.#options.onMarkingRaised(meeting);
  }

  /** To everybody who is in. */
  tellAll(meeting: MeetingId, events: readonly ServerEvent[]): void {
    const { seats, sessions } = this.#options;
    const encoded = events.map(encodeEvent);
    for (const { session } of seats.all(meeting).filter(isIn))
      for (const encode of encoded) sessions.deliver(session, encode);
  }

  tell(session: Session, event: ServerEvent): void {
    this.#options.sessions.deliver(session, encodeEvent(event));
  }

  /** Everybody who waits, to the chair, if it is in: one who is coming in hears of them then. */
  tellChair(meeting: MeetingId, waiting = this.#options.seats.waiting(meeting)): void {
    const { seats, chairOf } = this.#options;
    const person = chairOf(meeting);
    const chair = person && seats.of(meeting, person);
    if (chair === undefined || !isIn(chair)) return;
    for (const { request } of waiting) this.tell(chair.session, atDoor(request));
  }

  /** Who comes hears first whose place it takes. The same device that comes anew takes nobody's. */
  tellReplacing(seat: Seat, old: Seat): void {
    if (old.device !== seat.device) this.tell(seat.session, { kind: 'replacing' });
  }

  /** By another device of the same person: told, and out, before the other one comes in. */
  replace(old: Seat): void {
    const { seats, meetings, sessions, onGone } = this.#options;
    const { meeting, participant, session, stage } = old;
    seats.drop(old);
    onGone(participant);
    session.isWaiting = false;
    if (stage === 'in') meetings.feed(meeting, { kind: 'replaced', participant });
    else {
      this.tell(session, { kind: 'replaced' });
      sessions.end(session, 'removed', 'entry.replaced');
    }
  }

  /** Whoever has a place in the meeting's rules finds one in the meeting as well, or is told that there is none. */
  bringIn(seat: Seat): void {
    const { meetings, onNoPlace } = this.#options;
    const { meeting, session, participant, request, entrant } = seat;
    seat.stage = 'in';
    session.isWaiting = false;
    meetings.feed(meeting, { kind: 'request', from: { session: session.id, participant }, request });
    if (meetings.hasMember(meeting, participant)) session.deviceKey = entrant.publicKey;
    else if (this.#options.seats.byParticipant(participant) === seat) onNoPlace(seat);
  }

  /** Out at once, by a rule. */
  expel(seat: Seat, rule: string): void {
    const { meetings, refusal } = this.#options;
    const { meeting, participant, session, asked, stage } = seat;
    this.#drop(seat);
    if (stage === 'in') meetings.feed(meeting, { kind: 'expelled', participant, rule });
    if (stage === 'waiting') refusal.turnAwayNow(session, asked, rule);
  }

  #drop(seat: Seat): void {
    this.#options.seats.drop(seat);
    this.#options.onGone(seat.participant);
    seat.session.isWaiting = false;
  }

  readonly #runners: Runners = {
    out: (meeting, { person }, { cause, sentBack }) =>
      this.#withSeat(meeting, person, (seat) => {
        if (sentBack.has(person)) this.#sendBack(seat);
        else this.expel(seat, cause.ruleOf?.get(person) ?? cause.rule);
      }),
    'let-in': (meeting, { person }) =>
      this.#withSeat(meeting, person, (seat) => {
        if (seat.stage === 'arriving' || seat.stage === 'waiting') this.bringIn(seat);
      }),
    wait: (meeting, { person }) =>
      this.#withSeat(meeting, person, (seat) => {
        if (seat.stage === 'arriving') this.#haveWait(seat);
      }),
    'turn-away': (meeting, { person }, { cause }) =>
      this.#withSeat(meeting, person, (seat) => this.expel(seat, cause.ruleOf?.get(person) ?? cause.rule)),
    mute: (meeting, { person }) =>
      this.#withSeat(meeting, person, ({ participant }) => this.#options.media.mute(meeting, participant)),
    stop: (meeting, { person, sources }) =>
      this.#withSeat(meeting, person, ({ participant }) =>
        this.#options.media.stop(meeting, participant, sources),
      ),
    // Who failed came with it, as facts.
    rejudge: () => {},
    end: (meeting) => this.#options.onEnd(meeting),
  };

  #withSeat(meeting: MeetingId, person: PersonId, use: (seat: Seat) => void): void {
    const seat = this.#options.seats.of(meeting, person);
    if (seat !== undefined) use(seat);
  }

  #haveWait(seat: Seat): void {
    seat.stage = 'waiting';
    seat.session.isWaiting = true;
    this.tell(seat.session, { kind: 'waiting' });
    this.tellChair(seat.meeting, [seat]);
  }

  /** The session stays, and asks to enter anew. */
  #sendBack(seat: Seat): void {
    const { meetings, sessions, onGone } = this.#options;
    const { meeting, participant, session } = seat;
    seat.stage = 'sent-back';
    onGone(participant);
    meetings.feed(meeting, { kind: 'sent-back', participant });
    // As for everybody before the door: without a connection nobody waits.
    if (session.link === undefined) sessions.end(session, 'connection-lost');
  }
}

const atDoor = ({ announcement, passport, presence }: Seat['request']): ServerEvent => ({
  kind: 'at-door',
  announcement,
  credentials: { certificate: passport.certificate, clearance: passport.clearance, presence },
});
