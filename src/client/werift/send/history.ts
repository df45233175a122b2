import type { RtpHeader } from 'werift';

/** About 3 s of the largest layer: longer than any retransmission is of use; costs 0.3 MB a stream at most. */
const HISTORY_PACKETS = 256;
/** A packet lost as often is lost: bounds what forged or endless requests can make us send. */
const MAX_RESENDS = 8;

export interface SentPacket {
  readonly header: RtpHeader;
  readonly payload: Buffer;
  readonly datagram: Buffer;
}

/** The newest packets of one stream by 16-bit sequence number. */
export class SendHistory {
  readonly #packets = new Map<number, { readonly packet: SentPacket; resends: number }>();

  add(packet: SentPacket): void {
    const { sequenceNumber } = packet.header;
    this.#packets.set(sequenceNumber, { packet, resends: 0 });
    this.#packets.delete((sequenceNumber - HISTORY_PACKETS) & 0xffff);
  }

  /** The packet to resend, or `undefined` where it is too old or was resent too often. */
  resend(sequence: number): SentPacket | undefined {
    const entry = this.#packets.get(sequence & 0xffff);
    if (entry === undefined || entry.resends === MAX_RESENDS) return undefined;
    entry.resends++;
    return entry.packet;
  }
}
