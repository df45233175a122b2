import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import { ok, type Result } from '../../base/result.ts';
import type { SealedFrame, SealRefusal } from '../frame-keys.ts';
import { type AsyncFrameKey, encryptFrameAsync } from '../sframe/frame-async.ts';
import { FrameMetadata } from './metadata.ts';
import { StreamCounter, type StreamCounterParts, type Turn } from './stream-counter.ts';

type LaterKey = Promise<AsyncFrameKey>;

/** As `Sealing`, where the cipher answers later: the frame's counter is taken before anything is waited for. */
export class AsyncSealing {
  readonly #source: Source;
  readonly #counter: StreamCounter<LaterKey>;

  constructor(parts: StreamCounterParts<LaterKey>) {
    this.#source = parts.stream.source;
    this.#counter = new StreamCounter(parts);
  }

  async seal(frame: Bytes): Promise<Result<SealedFrame, SealRefusal>> {
    const turn = this.#counter.take(frame);
    return turn.ok ? ok(await this.#sealWith(turn.value, frame)) : turn;
  }

  async #sealWith({ key, kid, ctr, clearBytes }: Turn<LaterKey>, frame: Bytes): Promise<SealedFrame> {
    // Of its own: another frame comes before this one is done.
    const metadata = new FrameMetadata().of(this.#source, frame, clearBytes);
    const clear = frame.slice(0, clearBytes);
    const plaintext = frame.subarray(clearBytes);
    const wire = await encryptFrameAsync(await key, { ctr, metadata, plaintext }, clear);
    return { wire, kid, ctr };
  }
}
