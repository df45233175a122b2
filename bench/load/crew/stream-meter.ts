import type { Source } from '../../../src/base/media.ts';
import type { ReceivedFrame, ReceivedStream } from '../../../src/client/werift/media.ts';
import { Freezes } from '../measure/freezes.ts';
import { type Mark, markOf } from '../measure/mark.ts';
import { FrameCount, type SequenceCount } from '../measure/sequence.ts';
import type { StreamRecord } from './messages.ts';
import type { Tally } from './tally.ts';

const PICTURE_MS = 1_000 / 30;

export interface MeterOptions {
  readonly stream: ReceivedStream;
  readonly to: number;
  readonly tally: Tally;
  readonly clock: number;
  /** Of a marked frame, once for each stream. */
  readonly onFirst: (mark: Mark | undefined) => void;
  /** Adds to the adapter's time what makes it the machine's monotonic time. */
  readonly monotonicOf: (nowMs: number) => number;
}

/** One stream at one receiver, frame by frame. */
export class StreamMeter {
  readonly #options: MeterOptions;
  readonly #freezes = new Freezes(PICTURE_MS);
  readonly #frames = new FrameCount();
  #counted: SequenceCount | undefined;
  #hasFirst = false;
  #told = { packets: 0, recovered: 0, lost: 0, counted: 0, missing: 0, refused: 0, freezes: 0 };

  constructor(options: MeterOptions) {
    this.#options = options;
    options.stream.onFrame((frame) => this.#onFrame(frame));
  }

  get source(): Source {
    return this.#options.stream.source;
  }

  get ssrc(): number {
    return this.#options.stream.ssrc;
  }

  /** Its packets are counted only, from now on. */
  countOnly(count: SequenceCount): void {
    this.#counted = count;
  }

  /** Puts what was added since the last call into the tally. */
  tell(): void {
    const { stream, tally } = this.#options;
    const { packets, recovered, lost, framesRefused: refused } = stream.counters();
    const counted = this.#counted?.received ?? 0;
    const now = {
      packets,
      recovered,
      lost,
      counted,
      missing: this.#counted?.missing ?? 0,
      refused,
      freezes: this.#freezes.count,
    };
    const before = this.#told;
    const isVideo = this.#kind === 'video';
    tally.add(isVideo ? 'videoPackets' : 'audioPackets', now.packets - before.packets);
    tally.add(isVideo ? 'videoLost' : 'audioLost', now.lost - before.lost);
    if (isVideo) tally.add('videoRecovered', now.recovered - before.recovered);
    tally.add('framesRefused', now.refused - before.refused);
    tally.add('countedPackets', now.counted - before.counted);
    tally.add('countedMissing', now.missing - before.missing);
    tally.add('freezes', now.freezes - before.freezes);
    this.#told = now;
  }

  record(): StreamRecord {
    const { stream, to } = this.#options;
    const kind = this.#kind;
    const counts = this.#counted;
    const { packets, recovered, lost } = stream.counters();
    const opened = counts === undefined;
    return {
      kind,
      to,
      opened,
      watchedMs: opened ? this.#freezes.watchedMs : 0,
      freezes: opened && kind === 'video' ? this.#freezes.count : 0,
      frozenMs: opened && kind === 'video' ? this.#freezes.frozenMs : 0,
      packetsExpected: counts?.expected ?? packets + recovered + lost,
      packetsMissing: counts?.missing ?? recovered + lost,
      packetsLost: counts?.missing ?? lost,
      framesExpected: opened ? this.#frames.expected : 0,
      framesArrived: opened ? this.#frames.arrived : 0,
    };
  }

  get #kind(): 'video' | 'audio' {
    return this.source === 'camera' || this.source === 'screen' ? 'video' : 'audio';
  }

  #onFrame({ frame, receivedMs }: ReceivedFrame): void {
    const { tally, clock, onFirst, monotonicOf } = this.#options;
    const mark = markOf(frame);
    tally.add('framesOpened');
    if (this.#kind === 'video') this.#freezes.frame(receivedMs);
    if (!this.#hasFirst) onFirst(mark);
    this.#hasFirst = true;
    if (mark === undefined || mark.clock !== clock) {
      tally.add('framesUnmarked');
      return;
    }
    this.#frames.add(mark.sequence);
    tally.took(
      this.#kind === 'video' ? 'one-way-video' : 'one-way-audio',
      monotonicOf(receivedMs) - mark.dueMs,
    );
  }
}
