import {
  GenericNack,
  PictureLossIndication,
  type RtcpPacket,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
} from 'werift';
import type { Clock } from '../../../base/clock.ts';
import type { Source } from '../../../base/media.ts';
import type { Outgoing } from './outgoing.ts';
import { Pacer } from './pacer.ts';
import type { SendStream } from './send-stream.ts';

/** Every source of the send transport: what runs when, and who answers which request of the relay. */
export class Sender {
  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #sources = new Map<Source, Outgoing>();
  readonly #paused = new Set<Source>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pacer = new Pacer(clock);
  }

  add(source: Source, outgoing: Outgoing): void {
    this.#sources.set(source, outgoing);
    if (!this.#paused.has(source)) this.#pacer.add(outgoing);
  }

  remove(source: Source): void {
    const outgoing = this.#sources.get(source);
    if (outgoing) this.#pacer.remove(outgoing);
    this.#sources.delete(source);
    this.#paused.delete(source);
  }

  has(source: Source): boolean {
    return this.#sources.has(source);
  }

  setPaused(source: Source, paused: boolean): void {
    if (paused === this.#paused.has(source)) return;
    const outgoing = this.#sources.get(source);
    if (paused) {
      this.#paused.add(source);
      if (outgoing) this.#pacer.remove(outgoing);
      return;
    }
    this.#paused.delete(source);
    if (outgoing === undefined) return;
    outgoing.resume(this.#clock.nowMs());
    this.#pacer.add(outgoing);
  }

  setTopLayer(source: Source, topLayer: number): void {
    this.#sources.get(source)?.setTopLayer(topLayer);
  }

  rtcp(packet: RtcpPacket): void {
    if (packet instanceof RtcpPayloadSpecificFeedback) this.#keyFrameRequest(packet.feedback);
    if (packet instanceof RtcpTransportLayerFeedback && packet.feedback instanceof GenericNack) {
      this.#resend(packet.feedback);
    }
  }

  close(): void {
    this.#pacer.clear();
    this.#sources.clear();
    this.#paused.clear();
  }

  #keyFrameRequest(feedback: RtcpPayloadSpecificFeedback['feedback']): void {
    const ssrcs = keyFrameSsrcs(feedback);
    for (const outgoing of this.#sources.values()) {
      if (outgoing.streams.some(({ ssrc }) => ssrcs.includes(ssrc))) outgoing.requestKeyFrame();
    }
  }

  #resend({ mediaSourceSsrc, lost }: GenericNack): void {
    const stream = this.#stream(mediaSourceSsrc);
    for (const sequence of lost) stream?.resend(sequence);
  }

  #stream(ssrc: number): SendStream | undefined {
    return [...this.#sources.values()].flatMap(({ streams }) => streams).find((one) => one.ssrc === ssrc);
  }
}

/** Of a PLI or FIR; werift gives no feedback at all where it does not know the kind, and exports no class of FIR. */
const keyFrameSsrcs = (feedback: RtcpPayloadSpecificFeedback['feedback'] | undefined): readonly number[] => {
  if (feedback instanceof PictureLossIndication) return [feedback.mediaSsrc];
  return feedback !== undefined && 'fir' in feedback ? feedback.fir.map(({ ssrc }) => ssrc) : [];
};
