import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { clearLength, type FrameCodec } from '../../framing/clear.ts';
import { joinKid } from '../../framing/kid.ts';
import type { SealedFrame, SealingContext, SealRefusal } from '../frame-keys.ts';
import type { SyncDriver } from '../sframe/driver.ts';
import { deriveFrameKey, encryptFrame, type FrameKey } from '../sframe/frame.ts';
import type { Suite } from '../sframe/suites.ts';
import type { NumberedKey } from './base-key.ts';
import { FrameMetadata } from './metadata.ts';
import type { OwnKeys } from './own-keys.ts';

/**
 * Frames under one derived key. 2^32 frames of 32 KB are 2^43 blocks, where GCM's bound still leaves an attacker a
 * chance of about 2^-42; at 60 frames a second they last two years, so raising it would gain nobody anything.
 */
export const MAX_FRAMES_PER_KEY = 2 ** 32;

const malformed = refuse('frame.malformed', 'not a frame of its codec: empty, or shorter than its header');
const noKey = refuse('frame.no-key', 'there is no own key yet');
const exhausted = refuse(
  'frame.exhausted',
  'the key of this stream has sealed all its frames',
  'use a new own key',
);

interface SealingStream {
  readonly source: Source;
  readonly codec: FrameCodec;
  /** Taken from `OwnKeys`, for this stream alone. */
  readonly context: number;
}

interface SealingParts {
  readonly driver: SyncDriver;
  readonly suite: Suite;
  readonly ownKeys: OwnKeys;
  readonly framesPerKey: number;
  readonly stream: SealingStream;
}

/** The derived key, the base key it belongs to, and the counter that belongs to both. */
interface Counted {
  readonly own: NumberedKey;
  readonly key: FrameKey;
  nextCtr: number;
}

/** One outgoing stream. Its counters live here and nowhere else: no caller names one. */
export class Sealing implements SealingContext {
  readonly #parts: SealingParts;
  readonly #metadata = new FrameMetadata();
  #counted: Counted | undefined;

  constructor(parts: SealingParts) {
    this.#parts = parts;
  }

  seal(frame: Bytes): Result<SealedFrame, SealRefusal> {
    const clear = clearLength(this.#parts.stream.codec, frame);
    if (clear === undefined) return malformed;
    const own = this.#parts.ownKeys.current;
    if (own === undefined) return noKey;
    const counted = this.#countedFor(own);
    if (counted.nextCtr >= this.#parts.framesPerKey) return exhausted;
    return ok(this.#sealNext(counted, frame, clear));
  }

  /** An own key never comes back, so a key other than the last one is new and starts its own counter. */
  #countedFor(own: NumberedKey): Counted {
    if (this.#counted?.own === own) return this.#counted;
    const { driver, suite, stream } = this.#parts;
    const kid = joinKid({ context: stream.context, number: own.number });
    const key = deriveFrameKey(driver, suite, kid, own.baseKey);
    this.#counted = { own, key, nextCtr: 0 };
    return this.#counted;
  }

  /** The counter moves first: whatever fails after that, its value is never used again. */
  #sealNext(counted: Counted, frame: Bytes, clearBytes: number): SealedFrame {
    const ctr = BigInt(counted.nextCtr++);
    const metadata = this.#metadata.of(this.#parts.stream.source, frame, clearBytes);
    const wire = encryptFrame(
      counted.key,
      { ctr, metadata, plaintext: frame.subarray(clearBytes) },
      clearBytes,
    );
    for (let i = 0; i < clearBytes; i++) wire[i] = frame[i] ?? 0;
    return { wire, kid: counted.key.kid, ctr };
  }
}
