import { ok, type Result, refuse } from '../../base/result.ts';
import type { AsyncFrameKeys, AsyncSealingContext } from '../frame-keys.ts';
import type { EncodedFrame, OutgoingOptions } from './stream.ts';
import type { Tally } from './tally.ts';

/** A sender has one SSRC per simulcast layer, three at most; twice a renegotiation that changes them all. */
const MAX_SSRCS = 9;

/**
 * Seals what one sender sends. Browsers tell simulcast layers apart by SSRC alone, so each SSRC has a sealing context of
 * its own; the spatial layers of VP9 share an SSRC, and with it a context: its counter rises once per frame either way.
 */
export class Outgoing {
  readonly #keys: AsyncFrameKeys;
  readonly #options: OutgoingOptions;
  readonly #tally: Tally;
  readonly #contexts = new Map<number, AsyncSealingContext>();

  constructor(keys: AsyncFrameKeys, options: OutgoingOptions, tally: Tally) {
    this.#keys = keys;
    this.#options = options;
    this.#tally = tally;
  }

  /** As `FrameTransform`. The frame's data is replaced before this settles, or the frame is not passed on. */
  async transform(frame: EncodedFrame): Promise<boolean> {
    const context = this.#contextOf(frame.getMetadata().synchronizationSource ?? 0);
    if (!context.ok) return this.#refused(context.refusal.code);
    const sealed = await context.value.seal(new Uint8Array(frame.data), frame.type === 'key');
    if (!sealed.ok) return this.#refused(sealed.refusal.code);
    frame.data = bufferOf(sealed.value.wire);
    this.#tally.passed();
    return true;
  }

  #contextOf(ssrc: number): Result<AsyncSealingContext> {
    const known = this.#contexts.get(ssrc);
    if (known !== undefined) return ok(known);
    if (this.#contexts.size >= MAX_SSRCS)
      return refuse('frame.too-many-ssrcs', 'more SSRCs than a sender has');
    const { source, codec } = this.#options;
    const context = this.#keys.newSealingContext(source, codec);
    if (context.ok) this.#contexts.set(ssrc, context.value);
    return context;
  }

  #refused(code: string): false {
    this.#tally.refused(code);
    return false;
  }
}

/** What sealing and opening give has an ArrayBuffer of its own. */
export const bufferOf = (bytes: Uint8Array<ArrayBufferLike>): ArrayBuffer => {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? buffer
    : new Uint8Array(bytes).buffer;
};
