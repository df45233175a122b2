import type { RtcpSrPacket as SenderReport } from 'werift';
import { RtcpReceiverInfo, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket } from 'werift';

const NTP_EPOCH_OFFSET_MS = 2_208_988_800_000;
const SDES = 202;
const CNAME = 1;
/** Header, SSRC, type and length of the one item. */
const SDES_FIXED_BYTES = 10;

export interface SendTotals {
  readonly ssrc: number;
  readonly packets: number;
  readonly octets: number;
}

/** Milliseconds since the Unix epoch as a 64-bit NTP timestamp (RFC 5905 section 6). */
export const toNtp = (unixMs: number): bigint => {
  const ms = unixMs + NTP_EPOCH_OFFSET_MS;
  const seconds = Math.floor(ms / 1000);
  return (BigInt(seconds) << 32n) | BigInt(Math.floor(((ms - seconds * 1000) / 1000) * 2 ** 32));
};

/** Sender Report and CNAME of one stream: `rtpTimestamp` is what its clock shows at `unixMs` (RFC 3550 section 6.4.1). */
export const senderReport = (
  { ssrc, packets, octets }: SendTotals,
  unixMs: number,
  rtpTimestamp: number,
  cname: string,
): Buffer => {
  const senderInfo = new RtcpSenderInfo({
    ntpTimestamp: toNtp(unixMs),
    rtpTimestamp,
    packetCount: packets >>> 0,
    octetCount: octets >>> 0,
  });
  return Buffer.concat([new RtcpSrPacket({ ssrc, senderInfo }).serialize(), sourceDescription(ssrc, cname)]);
};

/**
 * SDES with the CNAME (RFC 3550 section 6.5), at most 255 bytes long. werift's own leaves out the zero that must end
 * the list where the text ends on a word, and the relay then throws away the whole compound.
 */
const sourceDescription = (ssrc: number, cname: string): Buffer => {
  const text = Buffer.from(cname);
  const size = Math.ceil((SDES_FIXED_BYTES + text.length + 1) / 4) * 4;
  const packet = Buffer.alloc(size);
  packet[0] = 0x81;
  packet[1] = SDES;
  packet.writeUInt16BE(size / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet[8] = CNAME;
  packet[9] = text.length;
  text.copy(packet, SDES_FIXED_BYTES);
  return packet;
};

export type ReceiverBlock = ConstructorParameters<typeof RtcpReceiverInfo>[0];

export const receiverReport = (ssrc: number, blocks: readonly ReceiverBlock[]): Buffer =>
  new RtcpRrPacket({ ssrc, reports: blocks.map((block) => new RtcpReceiverInfo(block)) }).serialize();

/** The middle 32 bits of a Sender Report's NTP time: what a receiver echoes as LSR. */
export const compactNtpOf = ({ senderInfo }: SenderReport): number =>
  Number((senderInfo.ntpTimestamp >> 16n) & 0xffff_ffffn);
