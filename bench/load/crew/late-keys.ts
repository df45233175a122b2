import { READY_WITHIN_MS } from '../../../src/e2ee/epochs/limits.ts';

/** Enough for the answers of some changes of keys, and for the frames of many streams over some seconds. */
const MAX_ANSWERS = 128;
const MAX_FRAMES = 4_096;
/**
 * Between two questions of one change of keys a commit is fetched and people are judged. Where nothing was asked for longer, what the
 * participant waited for was the relay.
 */
const LONGEST_PAUSE_MS = 100;

/** Of the thread that computes groups: from when to when a participant waited for an answer, and what that cost. */
export interface GroupAnswer {
  readonly askedMs: number;
  readonly atMs: number;
  readonly tookMs: number;
}

export const latenessOf = ({ askedMs, atMs, tookMs }: GroupAnswer): number =>
  Math.max(0, atMs - askedMs - tookMs);

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
    const stretch = stretchUntil(atMs, this.#answers);
    this.forget();
    return frames.filter((frameMs) => atMs - lateMs(stretch, frameMs) <= frameMs).length;
  }

  /** No key came, or none of an epoch that those frames were of: they stay what they are. */
  forget(): void {
    this.#frames = [];
  }
}

/** The answers that led to a key, the last one first: none lies further from the next than a pause. */
const stretchUntil = (atMs: number, answers: readonly GroupAnswer[]): readonly GroupAnswer[] => {
  let fromMs = atMs;
  const reaches = (one: GroupAnswer): boolean => {
    if (one.atMs < fromMs - LONGEST_PAUSE_MS) return false;
    fromMs = Math.min(fromMs, one.askedMs);
    return true;
  };
  const backwards = answers.toReversed();
  const end = backwards.findIndex((one) => !reaches(one));
  return end === -1 ? backwards : backwards.slice(0, end);
};

/**
 * The time in which something was asked, whatever was asked at once, without what the answers cost. Senders wait for so long before they use
 * a key: what came before that had nothing to do with the frame.
 */
const lateMs = (stretch: readonly GroupAnswer[], frameMs: number): number => {
  const fromMs = frameMs - READY_WITHIN_MS;
  const [first] = stretch;
  let untilMs = first?.atMs ?? 0;
  let waitedMs = 0;
  for (const { askedMs, atMs, tookMs } of stretch) {
    if (atMs <= fromMs) continue;
    waitedMs += Math.max(0, Math.min(atMs, untilMs) - Math.max(askedMs, fromMs)) - tookMs;
    untilMs = Math.min(untilMs, askedMs);
  }
  return Math.max(0, waitedMs);
};
