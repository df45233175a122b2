import type { ParticipantId } from '../base/ids.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { RosterEntry } from '../signaling/protocol/messages.ts';
import type { DeviceNames } from '../trust/devices/ids.ts';
import type { VerifiedParticipant } from './store/state.ts';

/** People kept at most: as many as an entry's roster may name. */
const MAX_ROSTER = 2000;

/**
 * The others of one join whose certificate was found good. The relay's word alone puts nobody here, and no two people share a
 * sender number: the later of the two is refused.
 */
export class Roster {
  readonly #verified = new Map<ParticipantId, VerifiedParticipant>();
  #own: VerifiedParticipant | undefined;

  /** A fresh join: nobody is known yet. */
  startAs(own: VerifiedParticipant): void {
    this.#verified.clear();
    this.#own = own;
  }

  /**
   * `names`: of the certificate that was found good; what somebody calls itself is read later. Refusals: `roster.full`, `roster.known`,
   * `roster.number-taken`.
   */
  admit({ participant, announcement }: RosterEntry, names: DeviceNames): Result<VerifiedParticipant> {
    const { number } = announcement;
    if (this.#verified.size >= MAX_ROSTER) return refuse('roster.full', 'more people than a roster holds');
    if (this.#isKnown(participant)) return refuse('roster.known', 'this participant was named before');
    if (this.#isTaken(number))
      return refuse('roster.number-taken', 'somebody else carries this sender number');
    const verified = { participant, number, name: names.person, ...names };
    this.#verified.set(participant, verified);
    return ok(verified);
  }

  find(participant: ParticipantId): VerifiedParticipant | undefined {
    return this.#verified.get(participant);
  }

  remove(participant: ParticipantId): void {
    this.#verified.delete(participant);
  }

  #isKnown(participant: ParticipantId): boolean {
    return this.#verified.has(participant) || this.#own?.participant === participant;
  }

  #isTaken(number: number): boolean {
    if (this.#own?.number === number) return true;
    return [...this.#verified.values()].some((other) => other.number === number);
  }
}
