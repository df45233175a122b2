import type { Source } from '../../base/media.ts';
import type { ReceiveCounters, ReceivedStream } from '../werift/media.ts';
import { Arrivals } from './arrivals.ts';
import type { Headless } from './headless.ts';
import type { StreamReport } from './report.ts';

const LOWEST_LAYER = 0;
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

  /** A layer that can be switched down from: the relay begins low where it does not know the bandwidth yet. */
  get isHigh(): boolean {
    return this.arrivals.layer !== undefined && this.arrivals.layer > LOWEST_LAYER;
  }

  /** Wishes for the lowest layer. Answers the refusal's code where the relay says no. */
  async switchDown(): Promise<string | undefined> {
    this.#layerBefore = this.arrivals.layer;
    const choice = { spatialLayer: LOWEST_LAYER };
    const outcome = await this.to.meeting.preferLayers(this.from.id, this.source, choice);
    return outcome.ok ? undefined : outcome.refusal.code;
  }

  get isSwitched(): boolean {
    return this.arrivals.layer === LOWEST_LAYER;
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
    return { ...base, kind: 'video', layers: { before: this.#layerBefore, after: this.arrivals.layer } };
  }

  #listen(stream: ReceivedStream): void {
    this.#stream = stream;
    stream.onFrame((frame) => this.arrivals.add(frame));
  }
}
