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
  /** Absent where the meeting is entered by a token, and nobody shows a certificate. */
  readonly company: Judging | undefined;
  /** Whether the meeting's entries say that this person is in it. */
  readonly isPresent: (person: PersonId) => boolean;
  readonly dispatch: (event: StoreEvent) => void;
}

/** Lets into the roster whom the relay names: by the meeting's secret, and by certificate where there is one. */
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

  /** At once, or with a promise where signatures are to be checked. */
  admit(entry: RosterEntry): Promise<void> | undefined {
    const { company } = this.#options;
    if (company === undefined) this.#report(entry, this.#options.roster.admit(entry));
    else return this.#admitShown(company, entry, company.open(entry));
    return undefined;
  }

  /** All signatures at once, then everybody in the order of the list. */
  admitAll(entries: readonly RosterEntry[]): Promise<void> | undefined {
    const { company } = this.#options;
    if (company !== undefined) return this.#admitInOrder(company, entries);
    for (const entry of entries) this.#report(entry, this.#options.roster.admit(entry));
    return undefined;
  }

  async #admitInOrder(company: Judging, entries: readonly RosterEntry[]): Promise<void> {
    const opened = entries.map((entry) => ({ entry, opening: company.open(entry) }));
    for (const { entry, opening } of opened) await this.#admitShown(company, entry, opening);
  }

  async #admitShown(company: Judging, entry: RosterEntry, opening: Promise<Result<Shown>>): Promise<void> {
    const join = this.#join;
    const shown = await opening;
    if (join !== this.#join || this.#options.roster.find(entry.participant) !== undefined) return;
    const admitted = shown.ok ? this.#judge(company, entry, shown.value) : shown;
    this.#report(entry, admitted);
    if (!admitted.ok) this.#options.dispatch({ kind: 'problem', problem: notShown(admitted.refusal) });
  }

  /** With what holds now: a list may have come since the signatures were looked at. */
  #judge(company: Judging, entry: RosterEntry, shown: Shown): Result<VerifiedParticipant> {
    const judged = company.judge(shown);
    if (!judged.ok) return judged;
    const { person, device } = judged.value;
    if (!this.#options.isPresent(person))
      return refuse('roster.not-let-in', 'nothing in the meeting says that this person was let in');
    const admitted = this.#options.roster.admit(entry, { person, device });
    if (admitted.ok) company.keep(entry.participant, shown, judged.value);
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
