import type { Measure } from '../tcp/frames.ts';

/** Both kinds of message tell their length in these. */
const HEAD_BYTES = 4;
const STUN_HEADER_BYTES = 20;
const [STUN, CHANNEL_DATA] = [0, 1];

const padded = (length: number): number => Math.ceil(length / HEAD_BYTES) * HEAD_BYTES;

/** TURN messages on a stream delimit themselves; channel data fills up to four bytes there (RFC 8656 section 12.5). */
export const measureTurn: Measure = (bytes) => {
  if (bytes.length < HEAD_BYTES) return undefined;
  const length = bytes.readUInt16BE(2);
  const kind = (bytes[0] ?? 0) >> 6;
  if (kind === STUN) return { start: 0, end: STUN_HEADER_BYTES + length };
  // Anything else is no TURN, and ends the connection as a frame without end.
  return { start: 0, end: kind === CHANNEL_DATA ? HEAD_BYTES + padded(length) : Number.POSITIVE_INFINITY };
};

export const padTurn = (message: Buffer): Buffer => {
  const missing = padded(message.length) - message.length;
  return missing === 0 ? message : Buffer.concat([message, Buffer.alloc(missing)]);
};
