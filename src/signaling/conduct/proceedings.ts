import type { MeetingId, ParticipantId } from '../../base/ids.ts';
import type { Effect, Fact } from '../../trust/acts/input.ts';
import type { MeetingState } from '../../trust/acts/state.ts';
import type { MeetingStanding } from '../../trust/charter/entry.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { Taken } from './chain.ts';
import type { Seat, Seats } from './seats.ts';
import type { Cause, Usher } from './usher.ts';

/** Somebody who may be there no longer, by the rule of that code. */
export interface Failing {
  readonly participant: ParticipantId;
  readonly rule: string;
}

interface ProceedingsOptions {
  readonly seats: Seats;
  readonly usher: Usher;
  /** Who is in or waits there and would not be entitled by what the meeting has become, and by which rule. */
  readonly failing: (meeting: MeetingId, standing: MeetingStanding) => readonly Failing[];
}

export const standingOf = ({ marking, invited }: MeetingState): MeetingStanding => ({ marking, invited });

/** Between a meeting's chain and its people: what an entry brings about before it is written, and what is done by it after. */
export class Proceedings {
  readonly #options: ProceedingsOptions;

  constructor(options: ProceedingsOptions) {
    this.#options = options;
  }

  /**
   * Who is let in, and is not at the door any more, has left. Who is judged anew, and found not to be entitled, is out by the same
   * entry; `ruleOf` learns why.
   */
  consequences(
    meeting: MeetingId,
    seatOf: (person: PersonId) => Seat | undefined,
    ruleOf: Map<PersonId, string>,
  ): (state: MeetingState, effects: readonly Effect[]) => readonly Fact[] {
    return (state, effects) =>
      effects.flatMap((effect): readonly Fact[] => {
        if (effect.kind === 'let-in')
          return isAtDoor(seatOf(effect.person)) ? [] : [{ kind: 'left', person: effect.person }];
        return effect.kind === 'rejudge' ? this.#notEntitled(meeting, state, ruleOf) : [];
      });
  }

  #notEntitled(meeting: MeetingId, state: MeetingState, ruleOf: Map<PersonId, string>): readonly Fact[] {
    const { failing, seats } = this.#options;
    return failing(meeting, standingOf(state)).flatMap(({ participant, rule }): Fact[] => {
      const seat = seats.byParticipant(participant);
      if (seat === undefined) return [];
      ruleOf.set(seat.person, rule);
      return [{ kind: 'not-entitled', person: seat.person }];
    });
  }

  /** The entries first, `between`, and then what follows from them. */
  carryOut(
    meeting: MeetingId,
    { texts, effects, before, after }: Taken,
    cause: Cause,
    between: () => void = () => {},
  ): void {
    const { usher } = this.#options;
    usher.tellAll(
      meeting,
      texts.map((entry) => ({ kind: 'entry', entry })),
    );
    between();
    usher.run(meeting, effects, cause);
    if (before.chair !== after.chair) usher.tellChair(meeting);
  }
}

const isAtDoor = (seat: Seat | undefined): boolean => seat?.stage === 'arriving' || seat?.stage === 'waiting';
