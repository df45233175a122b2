import type { Bytes } from '../base/bytes.ts';

const FIXED_HEADER_BYTES = 12;
const VERSION = 2;
const WORD_BYTES = 4;
const EXTENSION_HEADER_BYTES = 4;

const FLAG_PADDING = 0b0010_0000;
const FLAG_EXTENSION = 0b0001_0000;
const CSRC_COUNT = 0b0000_1111;

/** Where the payload begins, after fixed header, CSRCs and header extension, or `undefined` where they run over. */
const payloadStart = (packet: Bytes, flags: number): number | undefined => {
  const afterCsrcs = FIXED_HEADER_BYTES + (flags & CSRC_COUNT) * WORD_BYTES;
  if ((flags & FLAG_EXTENSION) === 0) return afterCsrcs;
  const [high, low] = [packet[afterCsrcs + 2], packet[afterCsrcs + 3]];
  if (high === undefined || low === undefined) return undefined;
  return afterCsrcs + EXTENSION_HEADER_BYTES + ((high << 8) | low) * WORD_BYTES;
};

/** The last byte counts the padding, itself included: 0 would be a lie. */
const paddingLength = (packet: Bytes, flags: number): number | undefined => {
  if ((flags & FLAG_PADDING) === 0) return 0;
  return packet.at(-1) || undefined;
};

/**
 * The payload of one RTP packet, a view without header, extension and padding (RFC 3550 sections 5.1 and 5.3.1). It is
 * empty for packets of padding alone, and `undefined` where this is no RTP packet.
 */
export const rtpPayload = (packet: Bytes): Bytes | undefined => {
  const flags = packet[0];
  if (flags === undefined || packet.length < FIXED_HEADER_BYTES || flags >> 6 !== VERSION) return undefined;
  const start = payloadStart(packet, flags);
  const padding = paddingLength(packet, flags);
  if (start === undefined || padding === undefined || start + padding > packet.length) return undefined;
  return packet.subarray(start, packet.length - padding);
};
