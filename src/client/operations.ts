import { type Result, refuse } from '../base/result.ts';
import { outcomeOf } from './outcome.ts';

/**
 * Operations that may wait: one per stream of the largest meeting at a join. More means that the media stack hangs;
 * further ones are refused.
 */
const MAX_WAITING = 4096;

type Work = () => Promise<void>;

interface Waiting {
  readonly isLasting: boolean;
  readonly work: Work;
  readonly settle: (outcome: Result<void>) => void;
}

/**
 * Runs what touches the media stack one at a time, in order. An epoch is the life of one set of transports: what still
 * waits when the next one begins is refused unrun with `media.outdated`, but for what is lasting.
 */
export class Operations {
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** In its turn, unless the epoch in which it was asked for is over by then. */
  run(work: Work): Promise<Result<void>> {
    return this.#enqueue(work, false);
  }

  /** In its turn, in whatever epoch that is. */
  runLasting(work: Work): Promise<Result<void>> {
    return this.#enqueue(work, true);
  }

  /** Begins an epoch: `work` runs next, before all that waits. */
  startEpoch(work: Work): Promise<Result<void>> {
    const outdated = this.#waiting.filter(({ isLasting }) => !isLasting);
    this.#waiting = this.#waiting.filter(({ isLasting }) => isLasting);
    for (const { settle } of outdated) settle(refuse('media.outdated', 'the media was rebuilt meanwhile'));
    return new Promise((settle) => {
      this.#waiting.unshift({ isLasting: false, work, settle });
      void this.#drain();
    });
  }

  #enqueue(work: Work, isLasting: boolean): Promise<Result<void>> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.resolve(refuse('media.busy', 'too many operations wait for the media stack'));
    return new Promise((settle) => {
      this.#waiting.push({ isLasting, work, settle });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      next.settle(await outcomeOf(next.work));
    this.#isRunning = false;
  }
}
