import { equalBytes } from '../../base/bytes.ts';
import type { Source } from '../../base/media.ts';
import type { ReceivedFrame } from '../werift/media.ts';
import type { SentLog } from './sent-log.ts';

/** What one participant opened of one source of another, held against what that one sent. */
export class Arrivals {
  readonly #sent: SentLog;
  readonly #source: Source;
  readonly #ticks = new Set<number>();
  /** By key id, each being one sealing context of the sender. */
  readonly #visits = new Map<bigint, number>();
  #layer: number | undefined;
  #wrong = 0;

  constructor(sent: SentLog, source: Source) {
    this.#sent = sent;
    this.#source = source;
  }

  add({ kid, ctr, frame }: ReceivedFrame): void {
    const original = this.#sent.find(kid, ctr);
    const isEqual = original?.source === this.#source && equalBytes(original.frame, frame);
    if (original === undefined || !isEqual) {
      this.#wrong += 1;
      return;
    }
    this.#ticks.add(original.tick);
    this.#layer = original.layer;
    if (!this.#visits.has(kid)) this.#visits.set(kid, original.layer);
  }

  /** Of the newest frame, as its sender sealed it: not by the relay's word. */
  get layer(): number | undefined {
    return this.#layer;
  }

  /**
   * Layers of which a frame came since `startVisits`, in the order of their first ones. Each has a key of its own: what
   * comes under the key of another layer is no visit.
   */
  get visited(): readonly number[] {
    return [...new Set(this.#visits.values())];
  }

  startVisits(): void {
    this.#visits.clear();
  }

  /** Frames that opened, and are not what was sent under their key id and counter. */
  get wrong(): number {
    return this.#wrong;
  }

  countOf(ticks: ReadonlySet<number>): number {
    return [...ticks].filter((tick) => this.#ticks.has(tick)).length;
  }
}
