import type { ExtensionIds } from '../negotiate/extensions.ts';
import type { SendTotals } from '../rtcp/reports.ts';
import { toUint16 } from '../rtp/sequence.ts';
import type { HeaderWriter, PacketFields } from './header.ts';
import { SendHistory, type SentPacket } from './history.ts';

/** Where datagrams go: the part of a hop that streams need. */
export interface PacketSink {
  protect(header: SentPacket['header'], payload: Buffer): Buffer;
  send(datagram: Buffer): void;
}

export interface SendStreamOptions {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Absent: lost packets are resent as they were. */
  readonly rtx?: { readonly ssrc: number; readonly payloadType: number } | undefined;
  readonly firstSequence: number;
  readonly mid: Buffer;
  readonly extensions: ExtensionIds;
  readonly headers: HeaderWriter;
  readonly sink: PacketSink;
}

/** One outgoing SSRC and its retransmissions (RFC 4588). */
export class SendStream {
  readonly ssrc: number;
  readonly #options: SendStreamOptions;
  readonly #history = new SendHistory();
  #sequence: number;
  #rtxSequence: number;
  #packets = 0;
  #octets = 0;

  constructor(options: SendStreamOptions) {
    this.ssrc = options.ssrc;
    this.#options = options;
    this.#sequence = toUint16(options.firstSequence);
    this.#rtxSequence = toUint16(~options.firstSequence);
  }

  get totals(): SendTotals {
    return { ssrc: this.ssrc, packets: this.#packets, octets: this.#octets };
  }

  send(payload: Buffer, timestamp: number, marker: boolean, level: number | undefined): void {
    const { payloadType, sink } = this.#options;
    const fields = { ssrc: this.ssrc, payloadType, sequence: this.#sequence, timestamp, marker, level };
    const packet = this.#protect(fields, payload);
    this.#sequence = toUint16(this.#sequence + 1);
    this.#packets++;
    this.#octets += payload.length;
    this.#history.add(packet);
    sink.send(packet.datagram);
  }

  /** Answers a NACK for one 16-bit sequence number. */
  resend(sequence: number): void {
    const lost = this.#history.resend(sequence);
    if (lost === undefined) return;
    const { rtx, sink } = this.#options;
    // The very same datagram: encrypting a changed header under the same packet index would repeat a nonce.
    sink.send(rtx === undefined ? lost.datagram : this.#retransmission(lost, rtx));
  }

  #retransmission({ header, payload }: SentPacket, rtx: { ssrc: number; payloadType: number }): Buffer {
    const { timestamp, marker, sequenceNumber } = header;
    const original = Buffer.allocUnsafe(2 + payload.length);
    original.writeUInt16BE(sequenceNumber);
    payload.copy(original, 2);
    const sequence = this.#rtxSequence;
    this.#rtxSequence = toUint16(sequence + 1);
    return this.#protect({ ...rtx, sequence, timestamp, marker }, original).datagram;
  }

  #protect(fields: PacketFields, payload: Buffer): SentPacket {
    const { headers, extensions, mid, sink } = this.#options;
    const header = headers.write(fields, extensions, mid);
    return { header, payload, datagram: sink.protect(header, payload) };
  }
}
