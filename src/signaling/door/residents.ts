import type { Clock } from '../../base/clock.ts';
import type { MeetingId, ParticipantId } from '../../base/ids.ts';
import type { Result } from '../../base/result.ts';
import { type Admitted, type EntryRefusal, judgeEntry } from '../../trust/charter/entry.ts';
import type { PeopleTrust } from '../ports.ts';
import type { Entrant, LastingQuestion } from './judge.ts';

interface Resident {
  readonly meeting: MeetingId;
  readonly question: LastingQuestion;
  readonly untilUnixMs: number;
}

interface ResidentsOptions {
  readonly trust: PeopleTrust;
  readonly clock: Clock;
  /** Somebody may be there no longer, by the rule of that code. */
  readonly onOver: (meeting: MeetingId, participant: ParticipantId, rule: string) => void;
}

/** Timers hold no longer times; who is asked too early is asked again. */
const MAX_WAIT_MS = 86_400_000;

/** Everybody who entered with a certificate: the question that let them in is asked again with each list, and when it must be. */
export class Residents {
  readonly #options: ResidentsOptions;
  readonly #all = new Map<ParticipantId, Resident>();
  #cancel: () => void = () => {};

  constructor(options: ResidentsOptions) {
    this.#options = options;
  }

  /** For whom a place was found. */
  admit(meeting: MeetingId, participant: ParticipantId, { admitted, question }: Entrant): void {
    this.#all.set(participant, { meeting, question, untilUnixMs: admitted.untilUnixMs });
    this.#wait();
  }

  /** By the list of this very moment: it may be newer than the one that somebody was judged by. */
  ask(question: LastingQuestion): Result<Admitted, EntryRefusal> {
    const { trust, clock } = this.#options;
    return judgeEntry({ ...question, revocation: trust.list()?.current, nowUnixMs: clock.unixMs() });
  }

  leave(participant: ParticipantId): void {
    this.#all.delete(participant);
  }

  /** Asks of everybody. Who fails is told of, and forgotten. */
  judge(): void {
    const { onOver } = this.#options;
    for (const [participant, { meeting, question }] of [...this.#all]) {
      const judged = this.ask(question);
      if (judged.ok) {
        this.#all.set(participant, { meeting, question, untilUnixMs: judged.value.untilUnixMs });
        continue;
      }
      this.#all.delete(participant);
      onOver(meeting, participant, judged.refusal.code);
    }
    this.#wait();
  }

  close(): void {
    this.#cancel();
    this.#all.clear();
  }

  #wait(): void {
    const { clock } = this.#options;
    this.#cancel();
    this.#cancel = () => {};
    if (this.#all.size === 0) return;
    const next = Math.min(...[...this.#all.values()].map(({ untilUnixMs }) => untilUnixMs));
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(1, next - clock.unixMs() + 1));
    this.#cancel = clock.after(waitMs, () => this.judge());
  }
}
