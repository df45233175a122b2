import { READY_WITHIN_MS } from '../../../src/e2ee/epochs/limits.ts';

/** Enough for the answers of some changes of keys, and for the frames of many streams over some seconds. */
const MAX_ANSWERS = 128;
const MAX_FRAMES = 4_096;

/** Of the thread that computes groups: when it answered a participant, and how much later than a device of its own would have. */
export interface GroupAnswer {
  readonly atMs: number;
  readonly lateMs: number;
}

/**
 * Frames of an epoch whose keys this participant does not have yet, and whose fault that is. Its group computes beside those of others,
 * who have devices of their own elsewhere: what it waits for them is the generator's. A frame is so too where its key would have been
 * there without.
 */
export class LateKeys {
  #answers: readonly GroupAnswer[] = [];
  #frames: readonly number[] = [];

  answered(answer: GroupAnswer): void {
    this.#answers = [...this.#answers, answer].slice(-MAX_ANSWERS);
  }

  /** What is more than can be kept is nobody's but the relay's. */
  refused(atMs: number): void {
    if (this.#frames.length < MAX_FRAMES) this.#frames = [...this.#frames, atMs];
  }

  /** The next epoch's keys are there; answers how many of the frames that came before them are the generator's. */
  came(atMs: number): number {
    const frames = this.#frames;
    this.#frames = [];
    return frames.filter((frameMs) => atMs - this.#lateMs(frameMs) <= frameMs).length;
  }

  /** Senders wait for so long before they use a key: what came before that had nothing to do with it. */
  #lateMs(frameMs: number): number {
    const fromMs = frameMs - READY_WITHIN_MS;
    return this.#answers.reduce(
      (sum, { atMs, lateMs }) => sum + Math.max(0, Math.min(lateMs, atMs - fromMs)),
      0,
    );
  }
}
