import type { RtcpSrPacket as SenderReport } from 'werift';
import {
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift';

const NTP_EPOCH_OFFSET_MS = 2_208_988_800_000;
const CNAME = 1;

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
  const items = [new SourceDescriptionItem({ type: CNAME, text: cname })];
  const description = new RtcpSourceDescriptionPacket({
    chunks: [new SourceDescriptionChunk({ source: ssrc, items })],
  });
  return Buffer.concat([new RtcpSrPacket({ ssrc, senderInfo }).serialize(), description.serialize()]);
};

export type ReceiverBlock = ConstructorParameters<typeof RtcpReceiverInfo>[0];

export const receiverReport = (ssrc: number, blocks: readonly ReceiverBlock[]): Buffer =>
  new RtcpRrPacket({ ssrc, reports: blocks.map((block) => new RtcpReceiverInfo(block)) }).serialize();

/** The middle 32 bits of a Sender Report's NTP time: what a receiver echoes as LSR. */
export const compactNtpOf = ({ senderInfo }: SenderReport): number =>
  Number((senderInfo.ntpTimestamp >> 16n) & 0xffff_ffffn);
