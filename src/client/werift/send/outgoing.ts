import type { Bytes } from '../../../base/bytes.ts';
import type { Source } from '../../../base/media.ts';
import { ok, type Result } from '../../../base/result.ts';
import type { SealedFrame, SealingContext, SealRefusal } from '../../../e2ee/frame-keys.ts';
import type { EncodedClip, EncodedFrame } from '../../clips/clip.ts';
import { TOP_LAYER } from '../../ports.ts';
import type { EncodedInput } from '../media.ts';
import { senderReport } from '../rtcp/reports.ts';
import { toUint32 } from '../rtp/sequence.ts';
import { packetizeVp8 } from '../rtp/vp8.ts';
import { ClipLoop } from './loop.ts';
import type { Job } from './pacer.ts';
import { Schedule } from './schedule.ts';
import type { SendStream } from './send-stream.ts';

/** Often enough that a new layer or viewer waits little for its time base, rare enough to cost nothing. */
const REPORT_EVERY_MS = 1_000;

export interface OutgoingOptions {
  readonly source: Source;
  readonly input: EncodedInput;
  /** One each a layer, in the input's order. */
  readonly streams: readonly SendStream[];
  readonly contexts: readonly SealingContext[];
  /** First RTP timestamp of each layer. */
  readonly firstTimestamps: readonly number[];
  readonly firstPictureId: number;
  readonly clip: EncodedClip;
  readonly cname: string;
  readonly startMs: number;
  /** The wall clock at a time of the adapter's clock: one base for every stream of a participant. */
  readonly unixMsAt: (nowMs: number) => number;
  readonly sendRtcp: (compound: Buffer) => void;
  readonly onSealingRefused: (refusal: SealRefusal) => void;
}

interface Outbound {
  readonly frame: EncodedFrame;
  /** What was sealed: the frame's own bytes, or as `marked` made them. */
  readonly bytes: Bytes;
  readonly sealed: SealedFrame;
}

/** One source being sent: takes frames as they fall due, seals them, and only then cuts them into packets. */
export class Outgoing implements Job {
  readonly #options: OutgoingOptions;
  readonly #schedule: Schedule;
  readonly #loop: ClipLoop;
  #pictureId: number;
  #reportDueMs: number;
  #topLayer = TOP_LAYER;
  #lastKid: bigint | undefined;

  constructor(options: OutgoingOptions) {
    const { clip, startMs } = options;
    this.#options = options;
    this.#schedule = new Schedule(startMs, (clip.frameTicks * 1000) / clip.clockRate);
    this.#loop = new ClipLoop(options.input.layers);
    this.#pictureId = options.firstPictureId;
    this.#reportDueMs = startMs;
  }

  get dueMs(): number {
    return this.#schedule.dueMs;
  }

  get streams(): readonly SendStream[] {
    return this.#options.streams;
  }

  run(nowMs: number): void {
    for (const tick of this.#schedule.take(nowMs)) {
      const sealed = this.#sealNext(tick);
      if (!sealed.ok && sealed.refusal.code === 'frame.between-epochs') continue;
      if (!sealed.ok) {
        this.#options.onSealingRefused(sealed.refusal);
        return;
      }
      this.#sendAll(sealed.value, tick);
    }
    if (nowMs >= this.#reportDueMs) this.#report(nowMs);
  }

  /** Layers above it rest: neither sealed nor sent. One that comes back starts with a key frame. */
  setTopLayer(topLayer: number): void {
    if (topLayer > this.#topLayer) this.#loop.requestKeyFrame();
    this.#topLayer = topLayer;
  }

  requestKeyFrame(): void {
    this.#loop.requestKeyFrame();
  }

  /** Goes on after a pause: with a key frame, at the media time of now. */
  resume(nowMs: number): void {
    this.#schedule.skipTo(nowMs);
    this.#loop.requestKeyFrame();
    this.#reportDueMs = nowMs;
  }

  /** Seals every layer before any leaves: a refusal stops the source with nothing of the frame sent. */
  #sealNext(tick: number): Result<readonly Outbound[], SealRefusal> {
    const outbound: Outbound[] = [];
    for (const [layer, frame] of this.#loop
      .next()
      .slice(0, this.#topLayer + 1)
      .entries()) {
      const bytes = this.#marked(frame, layer, tick);
      const sealed = this.#options.contexts[layer]?.seal(bytes, frame.keyFrame);
      if (sealed?.ok === false) return sealed;
      if (sealed) outbound.push({ frame, bytes, sealed: sealed.value });
    }
    this.#noteKey(outbound);
    return ok(outbound);
  }

  /** Under a new key the next frame begins anew: somebody may open it who opened none before. */
  #noteKey([first]: readonly Outbound[]): void {
    if (first === undefined) return;
    const { kid } = first.sealed;
    if (this.#lastKid !== undefined && this.#lastKid !== kid) this.#loop.requestKeyFrame();
    this.#lastKid = kid;
  }

  #marked({ bytes }: EncodedFrame, layer: number, tick: number): Bytes {
    const { marked } = this.#options.input;
    return marked === undefined ? bytes : marked(bytes, { layer, tick, dueMs: this.#schedule.dueMsOf(tick) });
  }

  #sendAll(outbound: readonly Outbound[], tick: number): void {
    const { streams, firstTimestamps, clip, source, input } = this.#options;
    for (const [layer, { frame, bytes, sealed }] of outbound.entries()) {
      const timestamp = toUint32((firstTimestamps[layer] ?? 0) + tick * clip.frameTicks);
      const payloads = this.#payloads(sealed.wire);
      for (const [at, payload] of payloads.entries()) {
        streams[layer]?.send(payload, timestamp, this.#isMarked(at, payloads.length, tick), frame.level);
      }
      const { kid, ctr } = sealed;
      input.onSent?.({ source, layer, kid, ctr, tick, keyFrame: frame.keyFrame, frame: bytes });
    }
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
  }

  #payloads(wire: Bytes): readonly Buffer[] {
    const buffer = Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength);
    return this.#options.clip.codec === 'vp8' ? packetizeVp8(buffer, this.#pictureId) : [buffer];
  }

  /** Video: the last packet of a frame. Audio: the start of a talk spurt, which without DTX is the first packet alone. */
  #isMarked(at: number, count: number, tick: number): boolean {
    return this.#options.clip.codec === 'vp8' ? at === count - 1 : tick === 0;
  }

  /**
   * After the first frame, for the relay knows a stream only then, and drops a new layer until its report came. All
   * layers at one instant of one clock.
   */
  #report(nowMs: number): void {
    const { streams, firstTimestamps, clip, startMs, cname, unixMsAt, sendRtcp } = this.#options;
    this.#reportDueMs = nowMs + REPORT_EVERY_MS;
    const elapsedTicks = Math.round(((nowMs - startMs) * clip.clockRate) / 1000);
    const reports = streams.map((stream, layer) => {
      const timestamp = toUint32((firstTimestamps[layer] ?? 0) + elapsedTicks);
      return senderReport(stream.totals, unixMsAt(nowMs), timestamp, cname);
    });
    sendRtcp(Buffer.concat(reports));
  }
}
