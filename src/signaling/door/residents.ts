import type { Clock } from '../../base/clock.ts';
import type { MeetingId, ParticipantId } from '../../base/ids.ts';
import type { Result } from '../../base/result.ts';
import {
  type Admitted,
  type EntryRefusal,
  judgeEntry,
  type MeetingStanding,
} from '../../trust/charter/entry.ts';
import type { Failing } from '../conduct/proceedings.ts';
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
  readonly standingOf: (meeting: MeetingId) => MeetingStanding | undefined;
  /** They may be there no longer. */
  readonly onOver: (meeting: MeetingId, failing: readonly Failing[]) => void;
}

/** Timers hold no longer times; who is asked too early is asked again. */
const MAX_WAIT_MS = 86_400_000;

/** Everybody who is in by a certificate or waits with one: the question that let them in is asked again with each list, and when it must be. */
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

  /** By the list of this very moment, and by what the meeting is now: both may be newer than what somebody was judged by. */
  ask(
    meeting: MeetingId,
    question: LastingQuestion,
    standing = this.#options.standingOf(meeting),
  ): Result<Admitted, EntryRefusal> {
    const { trust, clock } = this.#options;
    const [revocation, nowUnixMs] = [trust.list()?.current, clock.unixMs()];
    return judgeEntry({ ...question, standing, revocation, nowUnixMs });
  }

  /** Who would fail in a meeting of that standing. */
  failing(meeting: MeetingId, standing: MeetingStanding): readonly Failing[] {
    return [...this.#all]
      .filter(([, resident]) => resident.meeting === meeting)
      .flatMap(([participant, { question }]) => {
        const judged = this.ask(meeting, question, standing);
        return judged.ok ? [] : [{ participant, rule: judged.refusal.code }];
      });
  }

  leave(participant: ParticipantId): void {
    this.#all.delete(participant);
  }

  /** Asks of everybody. Who fails is told of, those of one meeting together, and forgotten. */
  judge(): void {
    const over = new Map<MeetingId, Failing[]>();
    for (const [participant, { meeting, question }] of [...this.#all]) {
      const judged = this.ask(meeting, question);
      if (judged.ok) {
        this.#all.set(participant, { meeting, question, untilUnixMs: judged.value.untilUnixMs });
        continue;
      }
      this.#all.delete(participant);
      const failing = over.get(meeting) ?? [];
      over.set(meeting, [...failing, { participant, rule: judged.refusal.code }]);
    }
    for (const [meeting, failing] of over) this.#options.onOver(meeting, failing);
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
