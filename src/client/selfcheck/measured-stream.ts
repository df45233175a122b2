import type { Source } from '../../base/media.ts';
import type { ReceiveCounters, ReceivedStream } from '../werift/media.ts';
import { Arrivals } from './arrivals.ts';
import type { Headless } from './headless.ts';
import type { StreamReport } from './report.ts';

const NO_COUNTERS = { framesRefused: 0, framesBroken: 0 } as const;

/** One source of one participant on its way to another. */
export class MeasuredStream {
  readonly from: Headless;
  readonly to: Headless;
  readonly source: Source;
  readonly arrivals: Arrivals;
  #stream: ReceivedStream | undefined;
  #before: Pick<ReceiveCounters, 'framesRefused' | 'framesBroken'> = NO_COUNTERS;
  #layerBefore: number | undefined;

  constructor(from: Headless, to: Headless, source: Source) {
    this.from = from;
    this.to = to;
    this.source = source;
    this.arrivals = new Arrivals(from.sent, source);
    to.onStream(({ kind, stream }) => {
      if (kind === 'added' && stream.participant === from.id && stream.source === source)
        this.#listen(stream.output);
    });
  }

  get name(): string {
    return `${this.to.name} of ${this.from.name}'s ${this.source}`;
  }

  /** What comes now counts. */
  startWindow(): void {
    this.#before = this.#stream?.counters() ?? NO_COUNTERS;
  }

  /** Wishes for another layer than the one that comes now: the lowest, or the next one where it is that. */
  async switchLayer(): Promise<void> {
    this.#layerBefore = this.arrivals.layer;
    const spatialLayer = this.#layerBefore === 0 ? 1 : 0;
    await this.to.meeting.preferLayers(this.from.id, this.source, { spatialLayer });
  }

  get isSwitched(): boolean {
    return this.#layerBefore !== undefined && this.arrivals.layer !== this.#layerBefore;
  }

  report(fromMs: number, toMs: number): StreamReport {
    const ticks = this.from.sent.ticksBetween(this.source, fromMs, toMs);
    const counters = this.#stream?.counters() ?? NO_COUNTERS;
    const base = {
      from: this.from.name,
      to: this.to.name,
      sent: ticks.size,
      opened: this.arrivals.countOf(ticks),
      wrong: this.arrivals.wrong,
      refused: counters.framesRefused - this.#before.framesRefused,
      broken: counters.framesBroken - this.#before.framesBroken,
    };
    if (this.source === 'microphone') return { ...base, kind: 'audio' };
    const layers = { before: this.#layerBefore ?? 0, after: this.arrivals.layer ?? 0 };
    return { ...base, kind: 'video', layers };
  }

  #listen(stream: ReceivedStream): void {
    this.#stream = stream;
    stream.onFrame((frame) => this.arrivals.add(frame));
  }
}
