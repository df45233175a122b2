import type { ParticipantId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { KeyPort } from '../e2ee/frame-keys.ts';
import { openAnnouncement } from '../e2ee/psk/announcement.ts';
import type { Announcement, RosterEntry } from '../signaling/protocol/messages.ts';
import type { DeviceNames } from '../trust/devices/ids.ts';
import type { MeetingLink } from './link.ts';
import type { VerifiedParticipant } from './store/state.ts';

type SenderKeys = Pick<KeyPort, 'addSender' | 'removeSender'>;

/** People kept at most: as many as a join's roster may name. */
const MAX_ROSTER = 2000;

/**
 * The others of one join whose certificate was found good; in a meeting by link whose announcement opened with its secret, with
 * their keys in the key store. The relay's word alone puts nobody here, and no two people share a sender number: the later of the
 * two is refused.
 */
export class Roster {
  readonly #link: MeetingLink;
  readonly #frameKeys: SenderKeys | undefined;
  readonly #verified = new Map<ParticipantId, VerifiedParticipant>();
  #own: VerifiedParticipant | undefined;

  /** `frameKeys`: of a meeting by link alone. */
  constructor(link: MeetingLink, frameKeys: SenderKeys | undefined) {
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
    const named = this.#link.secret === undefined ? certified(names) : this.#opened(announcement);
    if (!named.ok) return named;
    const { number } = announcement;
    const verified = { participant, number, name: named.value, ...names };
    this.#verified.set(participant, verified);
    return ok(verified);
  }

  /** In a meeting by link: whoever has its secret. */
  #opened(announcement: Announcement): Result<string> {
    const { secret, meeting } = this.#link;
    const { sealed } = announcement;
    if (secret === undefined || sealed === undefined) return NO_PROOF;
    const opened = openAnnouncement({ secret, meeting, announcement: { ...announcement, sealed } });
    if (!opened.ok) return opened;
    const added = this.#frameKeys?.addSender(announcement.number, opened.value.baseKey);
    return added?.ok === false ? added : ok(opened.value.name);
  }

  find(participant: ParticipantId): VerifiedParticipant | undefined {
    return this.#verified.get(participant);
  }

  remove(participant: ParticipantId): void {
    const verified = this.#verified.get(participant);
    if (verified === undefined) return;
    this.#verified.delete(participant);
    this.#frameKeys?.removeSender(verified.number);
  }

  #isKnown(participant: ParticipantId): boolean {
    return this.#verified.has(participant) || this.#own?.participant === participant;
  }

  #isTaken(number: number): boolean {
    if (this.#own?.number === number) return true;
    return [...this.#verified.values()].some((other) => other.number === number);
  }
}

/** By whose certificate somebody is here: what it calls itself is read later. */
const certified = (names: DeviceNames | undefined): Result<string> =>
  names === undefined ? NO_PROOF : ok(names.person);

const NO_PROOF = refuse(
  'roster.no-proof',
  'neither a certificate nor the meeting’s secret speaks for this participant',
);
