import { RtpPacket } from 'werift';
import type { PacketSink } from '../../src/client/werift/send/send-stream.ts';

/** A sink that keeps packets as they would be on the wire, without SRTP. */
export class SentPackets implements PacketSink {
  readonly datagrams: Buffer[] = [];

  protect(header: RtpPacket['header'], payload: Buffer): Buffer {
    return new RtpPacket(header, payload).serialize();
  }

  send(datagram: Buffer): void {
    this.datagrams.push(datagram);
  }

  /** Packets sent since the last call. */
  take(): RtpPacket[] {
    return this.datagrams.splice(0).map((datagram) => RtpPacket.deSerialize(datagram));
  }
}
