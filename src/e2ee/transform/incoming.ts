import type { AsyncFrameKeys, StreamSender } from '../frame-keys.ts';
import { bufferOf } from './outgoing.ts';
import type { EncodedFrame, IncomingOptions } from './stream.ts';
import type { Tally } from './tally.ts';

/** Each costs every receiver of the stream its bits; the first one may be lost on its way. */
const KEY_FRAME_REQUEST_EVERY_MS = 300;

export interface IncomingParts {
  readonly keys: AsyncFrameKeys;
  readonly options: IncomingOptions;
  readonly tally: Tally;
  readonly nowMs: () => number;
  /** Asks the sender of this stream for a key frame. */
  readonly requestKeyFrame: () => void;
}

/**
 * Opens what one receiver receives. After frames that could not be opened a decoder shows nothing until the next key
 * frame, which nobody would ask for: the decoder never saw that any were missing.
 */
export class Incoming {
  readonly #parts: IncomingParts;
  #needsKeyFrame = false;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** There is a (new) key of that sender: the picture should come at once, not at the next key frame. */
  keyArrived({ number, participant }: StreamSender): void {
    const { options } = this.#parts;
    const isTheirs = options.number === number && options.participant === participant;
    if (isTheirs && this.#needsKeyFrame) this.#ask();
  }

  /** As `FrameTransform`. */
  async transform(frame: EncodedFrame): Promise<boolean> {
    const { keys, options, tally } = this.#parts;
    const opened = await keys.open(new Uint8Array(frame.data), options);
    if (!opened.ok) {
      this.#noteRefused(opened.refusal.code);
      return false;
    }
    frame.data = bufferOf(opened.value.frame);
    tally.passed();
    this.#onOpened(frame);
    return true;
  }

  /** What came twice is missing to nobody. */
  #noteRefused(code: string): void {
    if (code !== 'frame.replayed' && this.#parts.options.codec !== 'opus') this.#needsKeyFrame = true;
    this.#parts.tally.refused(code);
  }

  #onOpened({ type }: EncodedFrame): void {
    if (type === 'key') this.#needsKeyFrame = false;
    if (this.#needsKeyFrame && this.#parts.nowMs() - this.#askedMs >= KEY_FRAME_REQUEST_EVERY_MS) this.#ask();
  }

  #ask(): void {
    this.#askedMs = this.#parts.nowMs();
    this.#parts.requestKeyFrame();
  }
}
