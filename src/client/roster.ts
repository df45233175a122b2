import type { ParticipantId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { KeyPort } from '../e2ee/frame-keys.ts';
import { openAnnouncement } from '../e2ee/psk/announcement.ts';
import type { Announcement, RosterEntry } from '../signaling/protocol/messages.ts';
import type { DeviceNames } from '../trust/devices/ids.ts';
import type { MeetingLink } from './link.ts';
import type { VerifiedParticipant } from './store/state.ts';

/** People kept at most: as many as a join's roster may name. */
const MAX_ROSTER = 2000;

/**
 * The others of one join whose announcement opened with the meeting's secret, and their keys in the key store. The
 * relay's word alone puts nobody here, and no two people share a sender number: the later of the two is refused.
 */
export class Roster {
  readonly #link: MeetingLink;
  readonly #frameKeys: KeyPort;
  readonly #verified = new Map<ParticipantId, VerifiedParticipant>();
  #own: VerifiedParticipant | undefined;

  constructor(link: MeetingLink, frameKeys: KeyPort) {
    this.#link = link;
    this.#frameKeys = frameKeys;
  }

  /** A fresh join: nobody is known yet. */
  startAs(own: VerifiedParticipant): void {
    for (const participant of [...this.#verified.keys()]) this.remove(participant);
    this.#own = own;
  }

  /** `names`: of whoever's certificate was found good. Refusals: `roster.full`, `roster.known`, `roster.number-taken`, those of `openAnnouncement` and `addSender`. */
  admit({ participant, announcement }: RosterEntry, names?: DeviceNames): Result<VerifiedParticipant> {
    if (this.#verified.size >= MAX_ROSTER) return refuse('roster.full', 'more people than a roster holds');
    if (this.#isKnown(participant)) return refuse('roster.known', 'this participant was named before');
    if (this.#isTaken(announcement.number))
      return refuse('roster.number-taken', 'somebody else carries this sender number');
    const { secret, meeting } = this.#link;
    const opened = openAnnouncement({ secret, meeting, announcement });
    if (!opened.ok) return opened;
    const added = this.#frameKeys.addSender(announcement.number, opened.value.baseKey);
    if (!added.ok) return added;
    const { number } = announcement;
    const verified = { participant, number, name: opened.value.name, ...names };
    this.#verified.set(participant, verified);
    return ok(verified);
  }

  /** What somebody calls itself, for whoever has the meeting's secret; nobody is let in by it. */
  nameIn(announcement: Announcement): string | undefined {
    const { secret, meeting } = this.#link;
    const opened = openAnnouncement({ secret, meeting, announcement });
    return opened.ok ? opened.value.name : undefined;
  }

  find(participant: ParticipantId): VerifiedParticipant | undefined {
    return this.#verified.get(participant);
  }

  remove(participant: ParticipantId): void {
    const verified = this.#verified.get(participant);
    if (verified === undefined) return;
    this.#verified.delete(participant);
    this.#frameKeys.removeSender(verified.number);
  }

  #isKnown(participant: ParticipantId): boolean {
    return this.#verified.has(participant) || this.#own?.participant === participant;
  }

  #isTaken(number: number): boolean {
    if (this.#own?.number === number) return true;
    return [...this.#verified.values()].some((other) => other.number === number);
  }
}
