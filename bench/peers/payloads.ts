import { joinKid } from '../../src/framing/kid.ts';
import { encodeHeader } from '../../src/framing/sframe-header.ts';
import type { Random } from '../random.ts';

export const PACKETS_PER_FRAME = 12;
const PACKET_BYTES = 1_100;
const FRAMES = 15;
const DESCRIPTOR_BYTES = 4;
/** RFC 6386 section 9.1: frame tag, start code and size of a key frame; the low bit of a delta frame's first byte is set. */
const KEY_START = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];
const DELTA_START = [0x11];

export interface Look {
  /** The sender number that a relay looks for; without one the frames are in clear. */
  readonly number: number | undefined;
}

/** What a frame begins with: the bytes that stay clear, then the SFrame header where it is sealed. */
const startOf = (frame: number, { number }: Look): Uint8Array => {
  const clear = frame === 0 ? KEY_START : DELTA_START;
  const header = number === undefined ? [] : encodeHeader(joinKid({ context: 0, number }), BigInt(frame + 1));
  return Uint8Array.from([...clear, ...header]);
};

/** RFC 7741 section 4.2, with a PictureID of 15 bits. */
const descriptorOf = (frame: number, packet: number): number[] => [
  packet === 0 ? 0x90 : 0x80,
  0x80,
  0x80,
  frame,
];

const payloadOf = (frame: number, packet: number, look: Look, random: Random): Buffer => {
  const payload = Buffer.from(random.bytes(PACKET_BYTES));
  payload.set(descriptorOf(frame, packet));
  if (packet === 0) payload.set(startOf(frame, look), DESCRIPTOR_BYTES);
  return payload;
};

const recordOf = (payload: Buffer, isLast: boolean): Buffer => {
  const head = Buffer.from([payload.length >> 8, payload.length & 0xff, isLast ? 1 : 0]);
  return Buffer.concat([head, payload]);
};

/**
 * Half a second of VP8 as RTP payloads, a key frame first, in the form that the generator reads (native/rig.c): what is
 * sealed is random here, since nobody opens it. The generator writes its time over some of it.
 */
export const payloadFile = (look: Look, random: Random): Buffer =>
  Buffer.concat(
    Array.from({ length: FRAMES * PACKETS_PER_FRAME }, (_, i) => {
      const packet = i % PACKETS_PER_FRAME;
      const payload = payloadOf(Math.floor(i / PACKETS_PER_FRAME), packet, look, random);
      return recordOf(payload, packet === PACKETS_PER_FRAME - 1);
    }),
  );
