import type { RtcpSrPacket, RtpPacket } from 'werift';
import type { Clock } from '../../../base/clock.ts';
import { Emitter } from '../../../base/emitter.ts';
import { BelfryError } from '../../../base/errors.ts';
import type { RtpCodec } from '../../../base/rtp.ts';
import type { FrameKeys } from '../../../e2ee/frame-keys.ts';
import type { FrameCodec } from '../../../framing/clear.ts';
import type { IncomingStream } from '../../ports.ts';
import type { ReceiveCounters, ReceivedFrame, ReceivedStream } from '../media.ts';
import { isRtx } from '../negotiate/capabilities.ts';
import type { ReceiverBlock } from '../rtcp/reports.ts';
import { nack, pictureLoss } from '../rtcp/requests.ts';
import { type Assembler, opusAssembler, vp8Assembler, vp9Assembler, type WholeFrame } from './assembler.ts';
import { Reception } from './reception.ts';
import { ASKED_GAP_MS, ReorderBuffer, UNASKED_GAP_MS } from './reorder.ts';

const ASSEMBLERS: { readonly [Codec in FrameCodec]: () => Assembler } = {
  opus: opusAssembler,
  vp8: vp8Assembler,
  vp9: vp9Assembler,
};

const NOTHING: readonly Buffer[] = [];

/** Key frames are asked for no more often: each costs every receiver of the stream its bits. */
const KEY_FRAME_REQUEST_EVERY_MS = 300;

export interface IncomingOptions {
  readonly stream: IncomingStream;
  readonly frameKeys: FrameKeys;
  readonly clock: Clock;
  readonly onRefused: (code: string) => void;
  readonly onListenerError: (error: unknown) => void;
}

/** One consumer: packets in, opened frames out, and what must be asked of the relay meanwhile. */
export class Incoming implements ReceivedStream {
  readonly #options: IncomingOptions;
  readonly #codec: FrameCodec;
  readonly #asksNack: boolean;
  readonly #frames: Emitter<ReceivedFrame>;
  readonly #buffer: ReorderBuffer<RtpPacket>;
  readonly #assembler: Assembler;
  readonly #reception: Reception;
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  #needsKeyFrame: boolean;
  #keyFrameAskedMs = Number.NEGATIVE_INFINITY;
  #keyFrameWanted = false;
  readonly #counts = { packets: 0, recovered: 0, framesOpened: 0, framesRefused: 0, nacks: 0, keyFrames: 0 };

  /** Throws `media.codec-unsupported` or, where the stream has no SSRC, `media.malformed`. */
  constructor(options: IncomingOptions) {
    const { rtpParameters } = options.stream;
    const codec = mediaCodec(rtpParameters.codecs);
    const [encoding] = rtpParameters.encodings;
    if (encoding?.ssrc === undefined) throw new BelfryError('media.malformed', 'a stream without an SSRC');
    this.#options = options;
    this.#codec = codec.name;
    this.#asksNack =
      codec.rtp.rtcpFeedback?.some(({ type, parameter }) => type === 'nack' && !parameter) ?? false;
    this.#buffer = new ReorderBuffer(this.#asksNack ? ASKED_GAP_MS : UNASKED_GAP_MS);
    this.#frames = new Emitter(options.onListenerError);
    this.#assembler = ASSEMBLERS[codec.name]();
    this.#needsKeyFrame = codec.name !== 'opus';
    this.#reception = new Reception(codec.rtp.clockRate);
    this.ssrc = encoding.ssrc;
    this.rtxSsrc = encoding.rtx?.ssrc;
  }

  get consumer() {
    return this.#options.stream.consumer;
  }

  get source() {
    return this.#options.stream.source;
  }

  onFrame(listener: (frame: ReceivedFrame) => void): () => void {
    return this.#frames.on(listener);
  }

  counters(): ReceiveCounters {
    const { packets, recovered, framesOpened, framesRefused, nacks, keyFrames } = this.#counts;
    return {
      packets,
      recovered,
      lost: this.#buffer.lost,
      framesOpened,
      framesRefused,
      framesBroken: this.#assembler.broken,
      nacksSent: nacks,
      keyFrameRequestsSent: keyFrames,
    };
  }

  /** A packet of the stream itself. */
  media(packet: RtpPacket, nowMs: number): void {
    const { sequenceNumber, timestamp } = packet.header;
    this.#counts.packets++;
    this.#reception.packet(sequenceNumber, timestamp, nowMs);
    this.#push(sequenceNumber, packet, nowMs);
  }

  /** A packet of its retransmission stream: the lost one behind two bytes of sequence number (RFC 4588 section 4). */
  retransmission(packet: RtpPacket, nowMs: number): void {
    if (packet.payload.length <= 2) return;
    const sequence = packet.payload.readUInt16BE(0);
    packet.payload = packet.payload.subarray(2);
    if (this.#push(sequence, packet, nowMs)) this.#counts.recovered++;
  }

  senderReport(report: RtcpSrPacket, nowMs: number): void {
    this.#reception.senderReport(report, nowMs);
  }

  receiverBlock(nowMs: number): ReceiverBlock | undefined {
    return this.#reception.take(this.ssrc, nowMs);
  }

  /** RTCP to send now, under `senderSsrc`; called every few tens of milliseconds. */
  maintain(nowMs: number, senderSsrc: number): readonly Buffer[] {
    if (!this.#buffer.hasGaps && !this.#keyFrameWanted) return NOTHING;
    this.#buffer.giveUp(nowMs);
    this.#drain(nowMs);
    return [...this.#nacks(nowMs, senderSsrc), ...this.#keyFrameRequests(nowMs, senderSsrc)];
  }

  #nacks(nowMs: number, senderSsrc: number): readonly Buffer[] {
    const lost = this.#asksNack ? this.#buffer.toAsk(nowMs) : [];
    if (lost.length === 0) return [];
    this.#counts.nacks++;
    return [nack(senderSsrc, this.ssrc, lost)];
  }

  #keyFrameRequests(nowMs: number, senderSsrc: number): readonly Buffer[] {
    if (!this.#keyFrameWanted || nowMs - this.#keyFrameAskedMs < KEY_FRAME_REQUEST_EVERY_MS) return [];
    this.#keyFrameWanted = false;
    this.#keyFrameAskedMs = nowMs;
    this.#counts.keyFrames++;
    return [pictureLoss(senderSsrc, this.ssrc)];
  }

  #push(sequence: number, packet: RtpPacket, nowMs: number): boolean {
    const taken = this.#buffer.push(sequence, packet, nowMs) === 'taken';
    if (taken) this.#drain(nowMs);
    return taken;
  }

  #drain(nowMs: number): void {
    for (const { item, afterGap } of this.#buffer.take()) {
      const { payload, header } = item;
      if (afterGap) this.#loseReference();
      const { timestamp, marker } = header;
      const whole = this.#assembler.add({ payload, timestamp, marker }, afterGap);
      if (whole !== undefined) this.#open(whole, nowMs);
    }
  }

  #open({ wire, timestamp, isKeyFrame: keyFrame }: WholeFrame, receivedMs: number): void {
    const { frameKeys, stream, onRefused } = this.#options;
    const expected = { ...stream.sender, source: stream.source, codec: this.#codec };
    const opened = frameKeys.open(wire, expected);
    if (!opened.ok) {
      this.#counts.framesRefused++;
      if (opened.refusal.code !== 'frame.replayed') this.#loseReference();
      onRefused(opened.refusal.code);
      return;
    }
    this.#counts.framesOpened++;
    this.#trackReference(keyFrame);
    this.#frames.emit({ ...opened.value, keyFrame, rtpTimestamp: timestamp, receivedMs });
  }

  #loseReference(): void {
    this.#needsKeyFrame = this.#codec !== 'opus';
  }

  /** A frame that opens but builds on a missing one: ask. While nothing opens at all, a key frame would not help. */
  #trackReference(keyFrame: boolean): void {
    if (keyFrame) this.#needsKeyFrame = false;
    this.#keyFrameWanted = this.#needsKeyFrame;
  }
}

const mediaCodec = (codecs: readonly RtpCodec[]): { name: FrameCodec; rtp: RtpCodec } => {
  const rtp = codecs.find(({ mimeType }) => !isRtx(mimeType));
  const name = rtp?.mimeType.toLowerCase().split('/')[1];
  if (rtp !== undefined && (name === 'vp8' || name === 'vp9' || name === 'opus')) return { name, rtp };
  throw new BelfryError(
    'media.codec-unsupported',
    `cannot receive ${rtp?.mimeType ?? 'a stream without codec'}`,
  );
};
