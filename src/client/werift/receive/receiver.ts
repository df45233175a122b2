import { type RtcpPacket, RtcpSrPacket, type RtpPacket } from 'werift';
import type { Clock } from '../../../base/clock.ts';
import type { ConsumerId } from '../../../base/ids.ts';
import type { RtpHeaderExtension } from '../../../base/rtp.ts';
import { extensionIds } from '../negotiate/extensions.ts';
import { type ReceiverBlock, receiverReport } from '../rtcp/reports.ts';
import { TransportFeedback } from '../rtcp/transport-feedback.ts';
import type { Incoming } from './incoming.ts';

/** Losses are noticed, and arrivals reported, within this: half of a frame more of delay for 33 wake-ups a second. */
const MAINTAIN_EVERY_MS = 30;
/** Turns of maintenance from one transport-wide feedback to the next (60 ms), and between Receiver Reports (1 s). */
const FEEDBACK_EVERY_TURNS = 2;
const REPORT_EVERY_TURNS = 33;
/** RFC 3550 section 6.4.2: blocks that one report can hold. */
const MAX_REPORT_BLOCKS = 31;

/** Every consumer of the receive transport: who gets which packet, and the RTCP that goes back. */
export class Receiver {
  readonly #clock: Clock;
  readonly #ssrc: number;
  readonly #sendRtcp: (compound: Buffer) => void;
  readonly #feedback: TransportFeedback;
  readonly #consumers = new Map<ConsumerId, Incoming>();
  readonly #bySsrc = new Map<number, (packet: RtpPacket, nowMs: number) => void>();
  #transportSequenceId: number | undefined;
  #stop: (() => void) | undefined;
  #turn = 0;

  constructor(clock: Clock, ssrc: number, sendRtcp: (compound: Buffer) => void) {
    this.#clock = clock;
    this.#ssrc = ssrc;
    this.#sendRtcp = sendRtcp;
    this.#feedback = new TransportFeedback(ssrc);
  }

  add(incoming: Incoming, headerExtensions: readonly RtpHeaderExtension[]): void {
    this.remove(incoming.consumer);
    this.#transportSequenceId ??= extensionIds(headerExtensions).transportSequence;
    this.#consumers.set(incoming.consumer, incoming);
    this.#bySsrc.set(incoming.ssrc, (packet, nowMs) => incoming.media(packet, nowMs));
    if (incoming.rtxSsrc !== undefined) {
      this.#bySsrc.set(incoming.rtxSsrc, (packet, nowMs) => incoming.retransmission(packet, nowMs));
    }
    this.#stop ??= this.#clock.every(MAINTAIN_EVERY_MS, () => this.#maintain());
  }

  remove(consumer: ConsumerId): void {
    const incoming = this.#consumers.get(consumer);
    if (incoming === undefined) return;
    this.#consumers.delete(consumer);
    this.#bySsrc.delete(incoming.ssrc);
    if (incoming.rtxSsrc !== undefined) this.#bySsrc.delete(incoming.rtxSsrc);
    if (this.#consumers.size === 0) this.close();
  }

  /** Packets of unknown streams are reported as arrived and dropped: the relay's probes are such. */
  rtp(packet: RtpPacket): void {
    const nowMs = this.#clock.nowMs();
    const id = this.#transportSequenceId;
    const sequence = packet.header.extensions.find((extension) => extension.id === id)?.payload;
    if (sequence?.length === 2) this.#feedback.arrived(sequence.readUInt16BE(0), nowMs);
    this.#bySsrc.get(packet.header.ssrc)?.(packet, nowMs);
  }

  rtcp(packet: RtcpPacket): void {
    if (!(packet instanceof RtcpSrPacket)) return;
    const incoming = [...this.#consumers.values()].find(({ ssrc }) => ssrc === packet.ssrc);
    incoming?.senderReport(packet, this.#clock.nowMs());
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #maintain(): void {
    const nowMs = this.#clock.nowMs();
    this.#turn++;
    const parts: Buffer[] = [];
    for (const one of this.#consumers.values()) parts.push(...one.maintain(nowMs, this.#ssrc));
    if (this.#turn % FEEDBACK_EVERY_TURNS === 0) parts.push(...present(this.#feedback.take()));
    if (this.#turn % REPORT_EVERY_TURNS === 0) parts.push(...this.#reports(nowMs));
    for (const part of parts) this.#sendRtcp(part);
  }

  #reports(nowMs: number): readonly Buffer[] {
    const blocks = [...this.#consumers.values()].flatMap((one) => present(one.receiverBlock(nowMs)));
    const reports: Buffer[] = [];
    for (let at = 0; at < blocks.length; at += MAX_REPORT_BLOCKS) {
      const some: readonly ReceiverBlock[] = blocks.slice(at, at + MAX_REPORT_BLOCKS);
      reports.push(receiverReport(this.#ssrc, some));
    }
    return reports;
  }
}

const present = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);
