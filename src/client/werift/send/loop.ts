import type { EncodedClip, EncodedFrame } from '../../clips/clip.ts';

/** The place in clips that loop together, layer by layer at the same frame. */
export class ClipLoop {
  readonly #layers: readonly EncodedClip[];
  readonly #length: number;
  #position = 0;
  #wantsKeyFrame = false;

  constructor(layers: readonly EncodedClip[]) {
    this.#layers = layers;
    this.#length = layers[0]?.frames.length ?? 0;
  }

  /**
   * The next frame will be a key frame on every layer: the loop jumps on to where the clips have one. All layers
   * together, since a layer switch then finds a key frame wherever the relay turns; it costs the bits of three key
   * frames where one was asked for. A relay that asks for ever gets a key frame each frame time, no more.
   */
  requestKeyFrame(): void {
    this.#wantsKeyFrame = true;
  }

  /** One frame a layer, in the order of the layers. */
  next(): readonly EncodedFrame[] {
    if (this.#wantsKeyFrame) this.#position = this.#nextKeyFrame();
    this.#wantsKeyFrame = false;
    const frames = this.#layers.flatMap(({ frames }) => frames[this.#position] ?? []);
    this.#position = (this.#position + 1) % this.#length;
    return frames;
  }

  /** Clips start with a key frame, so that the search ends at the latest there. */
  #nextKeyFrame(): number {
    const frames = this.#layers[0]?.frames ?? [];
    const found = frames.findIndex(({ keyFrame }, at) => keyFrame && at >= this.#position);
    return Math.max(0, found);
  }
}
