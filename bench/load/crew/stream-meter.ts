import type { Source } from '../../../src/base/media.ts';
import type { ReceivedFrame, ReceivedStream } from '../../../src/client/werift/media.ts';
import { type Mark, markOf } from '../measure/mark.ts';
import type { SequenceCount } from '../measure/sequence.ts';
import type { StreamRecord } from './messages.ts';
import type { SourceWatch } from './source-watch.ts';
import type { Tally } from './tally.ts';

export const kindOf = (source: Source): 'video' | 'audio' =>
  source === 'camera' || source === 'screen' ? 'video' : 'audio';

export interface MeterOptions {
  readonly stream: ReceivedStream;
  /** Of its source: other streams may have carried that before. */
  readonly watch: SourceWatch;
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
  #counted: SequenceCount | undefined;
  #hasFirst = false;
  #told = { packets: 0, recovered: 0, lost: 0, counted: 0, missing: 0, refused: 0 };

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
    this.#options.watch.stop();
  }

  /** Puts what was added since the last call into the tally. */
  tell(): void {
    const { stream, tally, watch } = this.#options;
    const { packets, recovered, lost, framesRefused: refused } = stream.counters();
    const counted = this.#counted?.received ?? 0;
    const now = {
      packets,
      recovered,
      lost,
      counted,
      missing: this.#counted?.missing ?? 0,
      refused,
    };
    const before = this.#told;
    const came = ({ packets: media, recovered: again, counted: unread }: typeof now) =>
      media + again + unread;
    watch.arrived(came(now) - came(before));
    const isVideo = this.#kind === 'video';
    tally.add(isVideo ? 'videoPackets' : 'audioPackets', now.packets - before.packets);
    tally.add(isVideo ? 'videoLost' : 'audioLost', now.lost - before.lost);
    if (isVideo) tally.add('videoRecovered', now.recovered - before.recovered);
    tally.add('framesRefused', now.refused - before.refused);
    tally.add('countedPackets', now.counted - before.counted);
    tally.add('countedMissing', now.missing - before.missing);
    this.#told = now;
  }

  /** Of its packets; of its picture the watch tells. */
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
      watchedMs: 0,
      freezes: 0,
      frozenMs: 0,
      frozen: [],
      packetsExpected: counts?.expected ?? packets + recovered + lost,
      packetsMissing: counts?.missing ?? recovered + lost,
      packetsLost: counts?.missing ?? lost,
      framesExpected: 0,
      framesArrived: 0,
      looks: 0,
      looksStopped: 0,
    };
  }

  get #kind(): 'video' | 'audio' {
    return kindOf(this.source);
  }

  #onFrame({ frame, receivedMs }: ReceivedFrame): void {
    const { tally, clock, watch, onFirst, monotonicOf } = this.#options;
    const mark = markOf(frame);
    tally.add('framesOpened');
    watch.frame(receivedMs);
    if (!this.#hasFirst) onFirst(mark);
    this.#hasFirst = true;
    if (mark === undefined || mark.clock !== clock) {
      tally.add('framesUnmarked');
      return;
    }
    watch.sequence(mark.sequence);
    tally.took(
      this.#kind === 'video' ? 'one-way-video' : 'one-way-audio',
      monotonicOf(receivedMs) - mark.dueMs,
    );
  }
}
