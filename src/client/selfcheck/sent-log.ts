import type { Bytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import type { SentFrame } from '../werift/media.ts';

/** Frames kept: over two minutes of one participant's camera and microphone, three times what a check lasts. */
const MAX_FRAMES = 20_000;

export interface LoggedFrame {
  readonly source: Source;
  readonly layer: number;
  readonly tick: number;
  readonly sentMs: number;
  readonly frame: Bytes;
}

/**
 * What one participant sent, by the key id and counter under which it was sealed: no other frame has both, or a key and nonce came
 * twice. A key id comes again after 16 epochs under another key, which is more of them than a check sees.
 */
export class SentLog {
  readonly #nowMs: () => number;
  readonly #onRepeat: () => void;
  #hasRepeat = false;
  /** The oldest first. */
  readonly #frames = new Map<string, LoggedFrame>();

  /** `onRepeat`: told once that a frame left under the key id and counter of another. */
  constructor(nowMs: () => number, onRepeat: () => void) {
    this.#nowMs = nowMs;
    this.#onRepeat = onRepeat;
  }

  add({ source, layer, tick, kid, ctr, frame }: SentFrame): void {
    const name = nameOf(kid, ctr);
    if (this.#frames.has(name)) this.#noteRepeat();
    this.#frames.set(name, { source, layer, tick, sentMs: this.#nowMs(), frame });
    if (this.#frames.size <= MAX_FRAMES) return;
    for (const oldest of this.#frames.keys()) {
      this.#frames.delete(oldest);
      return;
    }
  }

  #noteRepeat(): void {
    if (this.#hasRepeat) return;
    this.#hasRepeat = true;
    this.#onRepeat();
  }

  find(kid: bigint, ctr: bigint): LoggedFrame | undefined {
    return this.#frames.get(nameOf(kid, ctr));
  }

  /**
   * Ticks of `source` whose first frame left from `fromMs` to before `toMs`: the layers of one tick show the same
   * instant and count once, whichever the relay forwards.
   */
  ticksBetween(source: Source, fromMs: number, toMs: number): ReadonlySet<number> {
    const firstMs = new Map<number, number>();
    for (const frame of this.#frames.values())
      if (frame.source === source && !firstMs.has(frame.tick)) firstMs.set(frame.tick, frame.sentMs);
    const inside = [...firstMs].filter(([, sentMs]) => sentMs >= fromMs && sentMs < toMs);
    return new Set(inside.map(([tick]) => tick));
  }
}

const nameOf = (kid: bigint, ctr: bigint): string => `${kid}.${ctr}`;
