import type { StreamState } from '../../../src/client/store/state.ts';
import { Flow } from '../measure/flow.ts';
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
  readonly #flow: Flow;
  #isOpened = true;
  #toldFreezes = 0;
  #toldFrozenMs = 0;
  #toldFlow = { looks: 0, stopped: 0 };
  #packets = 0;
  /** When its sender was last seen in the meeting. */
  #thereMs = 0;
  #shown: StreamState | undefined;
  /** At the last look or at the one before: what is told of a second may lie anywhere in it. */
  #wasUnsent = false;

  constructor(kind: StreamRecord['kind'], to: number, offeredMs: number) {
    this.#kind = kind;
    this.#to = to;
    this.#flow = new Flow(offeredMs);
  }

  /** Packets of whichever stream carries it. */
  arrived(packets: number): void {
    this.#packets += packets;
  }

  /**
   * Once a second. `shown`: what the meeting says of it, also where its stream has gone and nothing has taken its place; `undefined`
   * where nobody sends it any more.
   */
  look(nowMs: number, shown: StreamState | undefined): void {
    // Sound that rested for a moment in between is known by its entry, which is another; a picture's changes with its layers.
    const isSame = this.#kind === 'video' ? this.#shown?.paused === false : shown === this.#shown;
    this.#wasUnsent = [this.#shown, shown].some((one) => one?.paused === false && one.layers === undefined);
    this.#shown = shown;
    const isToFlow = isSame && shown?.paused === false;
    this.#flow.look({ nowMs, packets: this.#packets, isToFlow });
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

  /** Somebody looked until now; of who has left, until that was seen: a picture that stood still until then is frozen. */
  end(nowMs = this.#thereMs): void {
    if (this.#isOpened) this.#freezes.end(nowMs);
  }

  /** Puts what was added since the last call into the tally; `untilMs` where there is still something to be seen. */
  tell(tally: Tally, untilMs?: number): void {
    this.#tellFlow(tally);
    this.#thereMs = untilMs ?? this.#thereMs;
    const { count, frozenMs } = this.#freezes;
    const frozenSoFarMs = untilMs === undefined ? frozenMs : this.#freezes.frozenMsUntil(untilMs);
    if (this.#isPicture) {
      const addedMs = Math.max(0, frozenSoFarMs - this.#toldFrozenMs);
      tally.add('freezes', count - this.#toldFreezes);
      tally.add('frozenMs', addedMs);
      tally.add('frozenUnsentMs', this.#wasUnsent ? addedMs : 0);
    }
    this.#toldFreezes = count;
    this.#toldFrozenMs = Math.max(this.#toldFrozenMs, frozenSoFarMs);
  }

  /** Of packets it knows nothing. `secondOf`: of the run. */
  record(secondOf: (nowMs: number) => number): StreamRecord {
    const isPicture = this.#isPicture;
    return {
      kind: this.#kind,
      to: this.#to,
      opened: this.#isOpened,
      watchedMs: isPicture ? this.#freezes.watchedMs : 0,
      freezes: isPicture ? this.#freezes.count : 0,
      frozenMs: isPicture ? this.#freezes.frozenMs : 0,
      frozen: isPicture
        ? this.#freezes.all.map(({ fromMs, ms }) => ({ fromSecond: secondOf(fromMs), ms }))
        : [],
      packetsExpected: 0,
      packetsMissing: 0,
      packetsLost: 0,
      framesExpected: this.#isOpened ? this.#frames.expected : 0,
      framesArrived: this.#isOpened ? this.#frames.arrived : 0,
      looks: this.#flow.looks,
      looksStopped: this.#flow.stopped,
    };
  }

  #tellFlow(tally: Tally): void {
    const { looks, stopped } = this.#flow;
    tally.add('looks', looks - this.#toldFlow.looks);
    tally.add('looksStopped', stopped - this.#toldFlow.stopped);
    this.#toldFlow = { looks, stopped };
  }

  get #isPicture(): boolean {
    return this.#isOpened && this.#kind === 'video';
  }
}
