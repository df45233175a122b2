import type { RtcpSrPacket } from 'werift';
import { compactNtpOf, type ReceiverBlock } from '../rtcp/reports.ts';
import { unwrapSequence } from '../rtp/sequence.ts';

/** DLSR counts in units of 1/65,536 s. */
const DELAY_UNITS_PER_MS = 65.536;

/** What a Receiver Report says of one stream (RFC 3550 section 6.4.1 and appendix A.3, A.8). */
export class Reception {
  readonly #clockRate: number;
  #first: number | undefined;
  #highest = 0;
  #received = 0;
  #reportedExpected = 0;
  #reportedReceived = 0;
  #transit: number | undefined;
  #jitter = 0;
  #senderReport: { readonly lsr: number; readonly atMs: number } | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  packet(sequence: number, timestamp: number, nowMs: number): void {
    this.#first ??= sequence;
    const place = this.#received === 0 ? sequence : unwrapSequence(sequence, this.#highest);
    this.#highest = Math.max(this.#highest, place);
    this.#received++;
    this.#updateJitter(timestamp, nowMs);
  }

  senderReport(report: RtcpSrPacket, nowMs: number): void {
    this.#senderReport = { lsr: compactNtpOf(report), atMs: nowMs };
  }

  /** The block for now, or `undefined` before any packet; loss is counted anew from here. */
  take(ssrc: number, nowMs: number): ReceiverBlock | undefined {
    if (this.#first === undefined) return undefined;
    const expected = this.#highest - this.#first + 1;
    const sinceExpected = expected - this.#reportedExpected;
    const lost = sinceExpected - (this.#received - this.#reportedReceived);
    this.#reportedExpected = expected;
    this.#reportedReceived = this.#received;
    return {
      ssrc,
      fractionLost:
        sinceExpected > 0 ? Math.min(255, Math.max(0, Math.floor((lost * 256) / sinceExpected))) : 0,
      packetsLost: Math.min(0x7f_ffff, Math.max(0, expected - this.#received)),
      highestSequence: this.#highest >>> 0,
      jitter: Math.round(this.#jitter),
      lsr: this.#senderReport?.lsr ?? 0,
      dlsr: this.#senderReport ? Math.round((nowMs - this.#senderReport.atMs) * DELAY_UNITS_PER_MS) : 0,
    };
  }

  #updateJitter(timestamp: number, nowMs: number): void {
    const transit = (nowMs * this.#clockRate) / 1000 - timestamp;
    const change = Math.abs(transit - (this.#transit ?? transit));
    this.#transit = transit;
    // A wrap or a switched clock base is no jitter.
    if (change < this.#clockRate) this.#jitter += (change - this.#jitter) / 16;
  }
}
