import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import type { DeviceId, PersonId } from '../../trust/devices/ids.ts';
import type { KeyId } from '../../trust/statement/statement.ts';
import type { Entrant } from '../door/judge.ts';
import type { Asked } from '../door/uniform-refusal.ts';
import type { RequestOf } from '../protocol/messages.ts';
import type { Session } from '../session/session.ts';

/** A person at a meeting, by one device: before its door, in it, or put before the door again. */
export interface Seat {
  readonly meeting: MeetingId;
  readonly person: PersonId;
  readonly device: DeviceId;
  readonly session: Session;
  /** Drawn when it comes, told when it is in. */
  readonly participant: ParticipantId;
  readonly request: RequestOf<'enter'>;
  readonly entrant: Entrant;
  readonly asked: Asked;
  /** The participant of the same person whose place this one took. */
  readonly replaces: ParticipantId | undefined;
  stage: 'arriving' | 'waiting' | 'in' | 'sent-back';
}

/** Who is where. One seat for each person of a meeting; bounded by sessions. */
export class Seats {
  readonly #byMeeting = new Map<MeetingId, Map<PersonId, Seat>>();
  readonly #byParticipant = new Map<ParticipantId, Seat>();
  readonly #bySession = new Map<SessionId, Seat>();

  of(meeting: MeetingId, person: PersonId): Seat | undefined {
    return this.#byMeeting.get(meeting)?.get(person);
  }

  all(meeting: MeetingId): readonly Seat[] {
    return [...(this.#byMeeting.get(meeting)?.values() ?? [])];
  }

  waiting(meeting: MeetingId): readonly Seat[] {
    return this.all(meeting).filter(({ stage }) => stage === 'waiting');
  }

  byParticipant(participant: ParticipantId): Seat | undefined {
    return this.#byParticipant.get(participant);
  }

  bySession(session: SessionId): Seat | undefined {
    return this.#bySession.get(session);
  }

  /** Of a device, in whatever meetings. */
  byKey(key: KeyId): readonly Seat[] {
    return [...this.#byParticipant.values()].filter(({ entrant }) => entrant.publicKey.keyId === key);
  }

  /** In the place of the one that this person had. */
  put(seat: Seat): void {
    const { meeting, person } = seat;
    const before = this.of(meeting, person);
    if (before !== undefined) this.drop(before);
    const people = this.#byMeeting.get(meeting) ?? new Map<PersonId, Seat>();
    this.#byMeeting.set(meeting, people.set(person, seat));
    this.#byParticipant.set(seat.participant, seat);
    this.#bySession.set(seat.session.id, seat);
  }

  /** Only this very seat: another one that took its place stays. */
  drop(seat: Seat): void {
    const { meeting, person, participant, session } = seat;
    const people = this.#byMeeting.get(meeting);
    if (people?.get(person) === seat) people.delete(person);
    if (people?.size === 0) this.#byMeeting.delete(meeting);
    this.#byParticipant.delete(participant);
    if (this.#bySession.get(session.id) === seat) this.#bySession.delete(session.id);
  }
}
