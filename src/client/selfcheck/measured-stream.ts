import type { ReceiveCounters, ReceivedStream } from '../werift/media.ts';
import { Arrivals } from './arrivals.ts';
import type { Headless, HeadlessSource } from './headless.ts';
import type { StreamReport } from './report.ts';

const NO_COUNTERS = { framesRefused: 0, framesBroken: 0 } as const;

/** One source of one participant on its way to another. */
export class MeasuredStream {
  readonly from: Headless;
  readonly to: Headless;
  readonly source: HeadlessSource;
  readonly arrivals: Arrivals;
  #stream: ReceivedStream | undefined;
  #before: Pick<ReceiveCounters, 'framesRefused' | 'framesBroken'> = NO_COUNTERS;

  constructor(from: Headless, to: Headless, source: HeadlessSource) {
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
    this.arrivals.startVisits();
    this.#before = this.#stream?.counters() ?? NO_COUNTERS;
  }

  get layerCount(): number {
    return this.from.clipsOf(this.source).length;
  }

  /** From where every other layer is a way down: the relay begins low where it does not know the bandwidth yet. */
  get isHighest(): boolean {
    return this.arrivals.layer === this.layerCount - 1;
  }

  /** Answers the refusal's code where the relay says no. */
  async wishFor(spatialLayer: number): Promise<string | undefined> {
    const choice = { spatialLayer };
    const outcome = await this.to.meeting.preferLayers(this.from.id, this.source, choice);
    return outcome.ok ? undefined : outcome.refusal.code;
  }

  report(fromMs: number, toMs: number): StreamReport {
    const ticks = this.from.sent.ticksBetween(this.source, fromMs, toMs);
    const counters = this.#stream?.counters() ?? NO_COUNTERS;
    const base = {
      from: this.from.name,
      to: this.to.name,
      sent: ticks.size,
      due: Math.round(this.#framesPerSecond * ((toMs - fromMs) / 1000)),
      opened: this.arrivals.countOf(ticks),
      wrong: this.arrivals.wrong,
      refused: counters.framesRefused - this.#before.framesRefused,
      broken: counters.framesBroken - this.#before.framesBroken,
    };
    if (this.source === 'microphone') return { ...base, kind: 'audio' };
    return { ...base, kind: 'video', layers: { visited: this.arrivals.visited, of: this.layerCount } };
  }

  get #framesPerSecond(): number {
    const [clip] = this.from.clipsOf(this.source);
    return clip === undefined ? 0 : clip.clockRate / clip.frameTicks;
  }

  #listen(stream: ReceivedStream): void {
    this.#stream = stream;
    stream.onFrame((frame) => this.arrivals.add(frame));
  }
}
