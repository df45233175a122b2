import { type Refusal, type Result, refuse } from '../base/result.ts';
import type { RosterEntry } from '../signaling/protocol/messages.ts';
import type { PersonId } from '../trust/devices/ids.ts';
import type { Company } from './people/company.ts';
import type { Shown } from './people/credentials.ts';
import type { Roster } from './roster.ts';
import type { StoreEvent } from './store/reduce.ts';
import type { VerifiedParticipant } from './store/state.ts';

type Judging = Pick<Company, 'open' | 'judge' | 'keep'>;

export interface AdmissionOptions {
  readonly roster: Roster;
  readonly company: Judging;
  /** Whether the meeting's entries say that this person is in it. */
  readonly isPresent: (person: PersonId) => boolean;
  readonly dispatch: (event: StoreEvent) => void;
  readonly onAdmitted: (verified: VerifiedParticipant, entry: RosterEntry, shown: Shown) => void;
}

/** Lets into the roster whom the relay names, by what they show. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** Which join this is: what was judged for an older one is nobody's business any more. */
  #join = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  startJoin(): void {
    this.#join += 1;
  }

  admit(entry: RosterEntry): Promise<void> {
    return this.#admitShown(entry, this.#options.company.open(entry));
  }

  /** All signatures at once, then everybody in the order of the list. */
  async admitAll(entries: readonly RosterEntry[]): Promise<void> {
    const opened = entries.map((entry) => ({ entry, opening: this.#options.company.open(entry) }));
    for (const { entry, opening } of opened) await this.#admitShown(entry, opening);
  }

  async #admitShown(entry: RosterEntry, opening: Promise<Result<Shown>>): Promise<void> {
    const join = this.#join;
    const shown = await opening;
    if (join !== this.#join || this.#options.roster.find(entry.participant) !== undefined) return;
    const admitted = shown.ok ? this.#judge(entry, shown.value) : shown;
    this.#report(entry, admitted);
    if (!admitted.ok) this.#options.dispatch({ kind: 'problem', problem: notShown(admitted.refusal) });
  }

  /** With what holds now: a list may have come since the signatures were looked at. */
  #judge(entry: RosterEntry, shown: Shown): Result<VerifiedParticipant> {
    const { company, roster, isPresent, onAdmitted } = this.#options;
    const judged = company.judge(shown);
    if (!judged.ok) return judged;
    const { person, device } = judged.value;
    if (!isPresent(person))
      return refuse('roster.not-let-in', 'nothing in the meeting says that this person was let in');
    const admitted = roster.admit(entry, { person, device });
    if (!admitted.ok) return admitted;
    company.keep(entry.participant, shown, judged.value);
    onAdmitted(admitted.value, entry, shown);
    return admitted;
  }

  #report({ participant }: RosterEntry, admitted: Result<VerifiedParticipant>): void {
    const { dispatch } = this.#options;
    if (admitted.ok) dispatch({ kind: 'verified', participant: admitted.value });
    else if (admitted.refusal.code !== 'roster.known')
      dispatch({ kind: 'unverified', participant, code: admitted.refusal.code });
  }
}

const notShown = ({ code, message }: Refusal): Refusal => ({
  code,
  message: `somebody whom the relay names is not shown: ${message}`,
});
