import { Freezes } from '../measure/freezes.ts';
import { FrameCount } from '../measure/sequence.ts';
import type { StreamRecord } from './messages.ts';
import type { Tally } from './tally.ts';

const PICTURE_MS = 1_000 / 30;

/**
 * What one receiver sees of one source of somebody, whichever streams carry it: a stream that takes the place of another goes on with
 * the same picture, so that what lay between them is seen as it was.
 */
export class SourceWatch {
  readonly #kind: StreamRecord['kind'];
  readonly #to: number;
  readonly #freezes = new Freezes(PICTURE_MS);
  readonly #frames = new FrameCount();
  #isOpened = true;
  #toldFreezes = 0;
  #toldFrozenMs = 0;

  constructor(kind: StreamRecord['kind'], to: number) {
    this.#kind = kind;
    this.#to = to;
  }

  frame(receivedMs: number): void {
    this.#freezes.frame(receivedMs);
  }

  sequence(sequence: number): void {
    this.#frames.add(sequence);
  }

  /** Its packets are counted only, from now on: nothing is known of its picture. */
  stop(): void {
    this.#isOpened = false;
  }

  /** Somebody still looked, and there still was something to be seen: a picture that stood until now is frozen. */
  end(nowMs: number): void {
    if (this.#isOpened) this.#freezes.end(nowMs);
  }

  /** Puts what was added since the last call into the tally; `untilMs` where there is still something to be seen. */
  tell(tally: Tally, untilMs?: number): void {
    const { count, frozenMs } = this.#freezes;
    const frozenSoFarMs = untilMs === undefined ? frozenMs : this.#freezes.frozenMsUntil(untilMs);
    if (this.#isPicture) {
      tally.add('freezes', count - this.#toldFreezes);
      tally.add('frozenMs', Math.max(0, frozenSoFarMs - this.#toldFrozenMs));
    }
    this.#toldFreezes = count;
    this.#toldFrozenMs = Math.max(this.#toldFrozenMs, frozenSoFarMs);
  }

  /** Of packets it knows nothing. */
  record(): StreamRecord {
    const isPicture = this.#isPicture;
    return {
      kind: this.#kind,
      to: this.#to,
      opened: this.#isOpened,
      watchedMs: isPicture ? this.#freezes.watchedMs : 0,
      freezes: isPicture ? this.#freezes.count : 0,
      frozenMs: isPicture ? this.#freezes.frozenMs : 0,
      packetsExpected: 0,
      packetsMissing: 0,
      packetsLost: 0,
      framesExpected: this.#isOpened ? this.#frames.expected : 0,
      framesArrived: this.#isOpened ? this.#frames.arrived : 0,
    };
  }

  get #isPicture(): boolean {
    return this.#isOpened && this.#kind === 'video';
  }
}
