import type { MeetingState } from '../../../src/client/store/state.ts';
import { OLD_KEYS_LIVE_MS } from '../../../src/e2ee/epochs/limits.ts';
import type { OpenRefusal } from '../../../src/e2ee/frame-keys.ts';
import { type GroupAnswer, LateKeys, latenessOf } from './late-keys.ts';
import type { Tally } from './tally.ts';

type Seen = Pick<MeetingState, 'refusedFrames' | 'epochs'>;

type Code = OpenRefusal['code'];
const LATER: Code = 'frame.later-epoch';
const BEFORE: Code = 'frame.earlier-epoch';

/** Which of the frames that one participant could not open were not for it, and which are the generator's own doing. */
export class Refusals {
  readonly #tally: Pick<Tally, 'add' | 'took'>;
  readonly #nowMs: () => number;
  readonly #late = new LateKeys();
  #later = 0;
  #before = 0;
  #epoch: bigint | undefined;
  /** When its first epoch was there: whoever was in the one before seals under that for so long at most. */
  #cameMs = Number.POSITIVE_INFINITY;

  constructor(tally: Pick<Tally, 'add' | 'took'>, nowMs: () => number) {
    this.#tally = tally;
    this.#nowMs = nowMs;
  }

  readonly answered = (answer: GroupAnswer): void => {
    this.#tally.took('group-late', latenessOf(answer));
    this.#late.answered(answer);
  };

  /** At each change of what the meeting shows. */
  see({ refusedFrames, epochs }: Seen): void {
    const epoch = epochs.at(-1)?.number;
    if (epoch !== this.#epoch) this.#keyCame(epoch);
    const { [LATER]: later = 0, [BEFORE]: before = 0 } = refusedFrames;
    for (let more = later - this.#later; more > 0; more--) this.#late.refused(this.#nowMs());
    if (this.#nowMs() - this.#cameMs <= OLD_KEYS_LIVE_MS)
      this.#tally.add('framesBefore', before - this.#before);
    [this.#later, this.#before] = [later, before];
  }

  #keyCame(epoch: bigint | undefined): void {
    if (this.#epoch === undefined) this.#cameMs = this.#nowMs();
    this.#epoch = epoch;
    // A new join, with no epoch yet.
    if (epoch === undefined) this.#late.forget();
    this.#tally.add('framesOwnLate', this.#late.came(this.#nowMs()));
  }
}
