/** What is known of one producer at one moment. */
export interface SealingReading {
  /** `framesSent` of video, packets of audio (each holds one frame), as the browser counts them. */
  readonly framesLeft: number;
  /** Packets that left, without those that were resent. */
  readonly packetsLeft: number;
  /** Frames that the worker sealed. Read after the others. */
  readonly sealed: number;
  /** Frames that the worker had before it, sealed or dropped. */
  readonly seen: number;
}

/** Frames that may leave one count before they reach the other. More hides that much plaintext from this check. */
const SLACK_FRAMES = 10;
/** Readings in a row that must look wrong: the pacer may hold packets for up to 2 s after they were sealed. */
const STRIKES = 2;

/**
 * Whether something leaves that the worker never sealed: a transform that was attached late, or that the browser
 * ignores, shows nowhere else on this side. `sender.transform` still reads back as set.
 */
export class SealingWatch {
  /** The newest comes last. */
  #history: readonly SealingReading[] = [];
  #strikes = 0;

  /** `true` where the source must be stopped. */
  isBypassed(reading: SealingReading): boolean {
    const isSuspect = hasLeftUnseen(reading) || flowsWithout(reading, this.#history);
    this.#strikes = isSuspect ? this.#strikes + 1 : 0;
    this.#history = [...this.#history, reading].slice(-2);
    return isPlain(reading) || this.#strikes >= STRIKES;
  }
}

/** Frames left before any was sealed: no second look is needed. Probes for bandwidth alone are packets without frames. */
const isPlain = ({ framesLeft, packetsLeft, sealed }: SealingReading): boolean =>
  framesLeft > 0 && packetsLeft > 0 && sealed === 0;

const hasLeftUnseen = ({ framesLeft, seen }: SealingReading): boolean => framesLeft > seen + SLACK_FRAMES;

/** Packets rose since the last reading, while nothing was sealed since the one before. */
const flowsWithout = (now: SealingReading, history: readonly SealingReading[]): boolean => {
  const [first, last] = history;
  if (first === undefined || last === undefined) return false;
  return now.packetsLeft > last.packetsLeft && now.sealed === first.sealed;
};
