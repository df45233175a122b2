import { vp8Descriptor } from '../../../framing/vp8-descriptor.ts';

/**
 * A payload leaves in a datagram of at most 1,200 bytes (the IPv6 minimum less what tunnels take): less 12 of RTP header, 28
 * of extensions, 2 of RTX, 16 of SRTP tag, 4 of payload descriptor. Smaller would cost packets, larger fragments.
 */
const MAX_FRAGMENT_BYTES = 1_130;
const DESCRIPTOR_BYTES = 4;
const PICTURE_ID_MASK = 0x7fff;

/**
 * A (sealed) VP8 frame as RTP payloads of RFC 7741: descriptor with a 15-bit PictureID, start bit on the first, one
 * partition. The relay rewrites the PictureID, so it is not part of what is sealed.
 */
export const packetizeVp8 = (frame: Buffer, pictureId: number): readonly Buffer[] => {
  const payloads: Buffer[] = [];
  for (let at = 0; at < frame.length; at += MAX_FRAGMENT_BYTES) {
    const fragment = frame.subarray(at, at + MAX_FRAGMENT_BYTES);
    const payload = Buffer.allocUnsafe(DESCRIPTOR_BYTES + fragment.length);
    payload[0] = at === 0 ? 0x90 : 0x80;
    payload[1] = 0x80;
    payload.writeUInt16BE(0x8000 | (pictureId & PICTURE_ID_MASK), 2);
    fragment.copy(payload, DESCRIPTOR_BYTES);
    payloads.push(payload);
  }
  return payloads;
};

export interface Vp8Fragment {
  readonly startsFrame: boolean;
  readonly bytes: Buffer;
}

/** One RTP payload taken apart; `undefined` where nothing follows its descriptor. */
export const parseVp8 = (payload: Buffer): Vp8Fragment | undefined => {
  const descriptor = vp8Descriptor(payload);
  if (descriptor === undefined || descriptor.length === payload.length) return undefined;
  return { startsFrame: descriptor.startsFrame, bytes: payload.subarray(descriptor.length) };
};
