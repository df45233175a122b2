import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result } from '../../base/result.ts';
import type { SealedFrame, SealingContext, SealRefusal } from '../frame-keys.ts';
import { encryptFrame, type FrameKey } from '../sframe/frame.ts';
import { FrameMetadata } from './metadata.ts';
import { StreamCounter, type StreamCounterParts, type Turn } from './stream-counter.ts';

/** One outgoing stream. */
export class Sealing implements SealingContext {
  readonly #source: Source;
  readonly #counter: StreamCounter<FrameKey>;
  readonly #metadata = new FrameMetadata();

  constructor(parts: StreamCounterParts<FrameKey>) {
    this.#source = parts.stream.source;
    this.#counter = new StreamCounter(parts);
  }

  seal(frame: Bytes): Result<SealedFrame, SealRefusal> {
    const turn = this.#counter.take(frame);
    return turn.ok ? ok(this.#sealWith(turn.value, frame)) : turn;
  }

  #sealWith({ key, kid, ctr, clearBytes }: Turn<FrameKey>, frame: Bytes): SealedFrame {
    const metadata = this.#metadata.of(this.#source, frame, clearBytes);
    const wire = encryptFrame(key, { ctr, metadata, plaintext: frame.subarray(clearBytes) }, clearBytes);
    for (let i = 0; i < clearBytes; i++) wire[i] = frame[i] ?? 0;
    return { wire, kid, ctr };
  }
}
