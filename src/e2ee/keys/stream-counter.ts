import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { clearLength, type FrameCodec } from '../../framing/clear.ts';
import { joinKid } from '../../framing/kid.ts';
import type { SealRefusal } from '../frame-keys.ts';
import type { NumberedKey } from './base-key.ts';
import type { OwnKeys } from './own-keys.ts';

/**
 * Frames under one derived key. 2^32 frames of 32 KB are 2^43 blocks, where GCM's bound still leaves an attacker a
 * chance of about 2^-42; at 60 frames a second they last two years, so raising it would gain nobody anything.
 */
export const MAX_FRAMES_PER_KEY = 2 ** 32;

const malformed = refuse('frame.malformed', 'not a frame of its codec: empty, or shorter than its header');
const noKey = refuse('frame.no-key', 'there is no own key yet');
const betweenEpochs = refuse('frame.between-epochs', 'the key is gone, and the next one is to come');
const exhausted = refuse(
  'frame.exhausted',
  'the key of this stream has sealed all its frames',
  'use a new own key',
);

export interface SealingStream {
  readonly source: Source;
  readonly codec: FrameCodec;
  /** Taken from `OwnKeys`, for this stream alone. */
  readonly context: number;
}

export interface StreamCounterParts<Key> {
  readonly ownKeys: OwnKeys;
  readonly framesPerKey: number;
  readonly stream: SealingStream;
  readonly derive: (kid: bigint, baseKey: Bytes) => Key;
}

/** The derived key, the base key it belongs to, and the counter that belongs to both. */
interface Counted<Key> {
  readonly own: NumberedKey;
  readonly kid: bigint;
  readonly key: Key;
  nextCtr: number;
}

/** One frame's key and counter: used once, by whoever took it. */
export interface Turn<Key> {
  readonly key: Key;
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly clearBytes: number;
}

/** The counters of one outgoing stream. They live here and nowhere else: no caller names one. */
export class StreamCounter<Key> {
  readonly #parts: StreamCounterParts<Key>;
  #counted: Counted<Key> | undefined;

  constructor(parts: StreamCounterParts<Key>) {
    this.#parts = parts;
  }

  /** The counter moves here, before anything is sealed: whatever fails later, its value is never used again. */
  take(frame: Bytes): Result<Turn<Key>, SealRefusal> {
    const clearBytes = clearLength(this.#parts.stream.codec, frame);
    if (clearBytes === undefined) return malformed;
    const { ownKeys } = this.#parts;
    const own = ownKeys.current;
    if (own === undefined) return ownKeys.isBetween ? betweenEpochs : noKey;
    const counted = this.#countedFor(own);
    if (counted.nextCtr >= this.#parts.framesPerKey) return exhausted;
    return ok({ key: counted.key, kid: counted.kid, ctr: BigInt(counted.nextCtr++), clearBytes });
  }

  /** An own key never comes back, so a key other than the last one is new and starts its own counter. */
  #countedFor(own: NumberedKey): Counted<Key> {
    if (this.#counted?.own === own) return this.#counted;
    const { stream, derive } = this.#parts;
    const kid = joinKid({ context: stream.context, number: own.number });
    this.#counted = { own, kid, key: derive(kid, own.baseKey), nextCtr: 0 };
    return this.#counted;
  }
}
