import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';

/** Part of the wire format: numbers are never changed or given again. */
const SOURCE_TAGS: { readonly [Name in Source]: number } = {
  microphone: 0,
  camera: 1,
  screen: 2,
  'screen-audio': 3,
};

/**
 * SFrame metadata (RFC 9605 section 9.4): the source, then the frame's clear bytes. So authenticated, the relay can
 * neither pass a screen off as a camera nor touch what is clear.
 */
export class FrameMetadata {
  /** Written over by each call: memory of its own for every frame would cost more than the rest of it. */
  #bytes = new Uint8Array(0);

  /** Of a frame or wire frame whose first `clearBytes` are clear. Good until the next call. */
  of(source: Source, frame: Bytes, clearBytes: number): Bytes {
    if (this.#bytes.length !== 1 + clearBytes) this.#bytes = new Uint8Array(1 + clearBytes);
    this.#bytes[0] = SOURCE_TAGS[source];
    for (let i = 0; i < clearBytes; i++) this.#bytes[1 + i] = frame[i] ?? 0;
    return this.#bytes;
  }
}
