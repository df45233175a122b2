import type { MeetingId, ParticipantId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Vouched } from '../trust/statement/vouched.ts';
import type { Effect } from './meeting/effects.ts';
import { advance } from './meeting/handlers.ts';
import type { EndWhy, MeetingInput } from './meeting/inputs.ts';
import { placeRefusal } from './meeting/rules.ts';
import { type Meeting, newMeeting, presentMembers, withoutMember } from './meeting/state.ts';
import type { AuditSink } from './ports.ts';
import type { Announcement } from './protocol/messages.ts';

interface MeetingsOptions {
  readonly limits: { readonly maxMeetings: number; readonly maxParticipants: number };
  readonly audit: AuditSink;
  readonly run: (meeting: MeetingId, effect: Effect) => void;
}

/**
 * Holds the meetings, feeds them their inputs one after the other, and has what they want done run. A meeting exists
 * until it is ended, empty or not: people may come late or come back.
 */
export class Meetings {
  readonly #options: MeetingsOptions;
  readonly #all = new Map<MeetingId, Meeting>();
  /** Inputs that arose while another was at work: each session, reply and media event adds at most a few. */
  readonly #waiting: { readonly id: MeetingId; readonly input: MeetingInput }[] = [];
  #isBusy = false;

  constructor(options: MeetingsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  get participants(): number {
    return [...this.#all.values()].reduce((sum, meeting) => sum + presentMembers(meeting).length, 0);
  }

  get ids(): readonly MeetingId[] {
    return [...this.#all.keys()];
  }

  has(id: MeetingId): boolean {
    return this.#all.has(id);
  }

  hasMember(id: MeetingId, participant: ParticipantId): boolean {
    return this.#all.get(id)?.members.has(participant) ?? false;
  }

  /** Whether somebody who announces itself so finds one; `but`: whose place it takes. */
  hasPlace(id: MeetingId, announcement: Announcement, but?: ParticipantId): boolean {
    const meeting = this.#all.get(id);
    if (meeting === undefined) return false;
    return (
      placeRefusal(but === undefined ? meeting : withoutMember(meeting, but), announcement) === undefined
    );
  }

  /** Whether one more may be created. */
  hasRoom(): Result<undefined> {
    const { maxMeetings } = this.#options.limits;
    return this.#all.size < maxMeetings
      ? ok(undefined)
      : refuse('meeting.too-many', `there are ${maxMeetings} meetings, as many as may be`);
  }

  /** `charter`: as it travels. */
  create(id: MeetingId, charter: Vouched): Result<undefined> {
    const { maxParticipants } = this.#options.limits;
    if (this.#all.has(id)) return refuse('meeting.exists', 'there is a meeting with this id');
    const room = this.hasRoom();
    if (!room.ok) return room;
    const recorded = this.#options.audit.write({ kind: 'meeting-opened', meeting: id });
    if (recorded.ok) this.#all.set(id, newMeeting(id, maxParticipants, charter));
    return recorded;
  }

  end(id: MeetingId, why: EndWhy): Result<undefined> {
    if (!this.#all.has(id)) return refuse('meeting.unknown', 'there is no meeting with this id');
    this.feed(id, { kind: 'end', why });
    return ok(undefined);
  }

  /** Inputs to a meeting that is over are dropped. Never re-entered: an input that an effect causes waits its turn. */
  feed(id: MeetingId, input: MeetingInput): void {
    this.#waiting.push({ id, input });
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        this.#advance(next.id, next.input);
    } finally {
      this.#isBusy = false;
    }
  }

  #advance(id: MeetingId, input: MeetingInput): void {
    const meeting = this.#all.get(id);
    if (meeting === undefined) return;
    const { meeting: next, effects } = advance(meeting, input);
    if (input.kind === 'end') this.#all.delete(id);
    else this.#all.set(id, next);
    for (const effect of effects) this.#options.run(id, effect);
  }
}
