import { type Bytes, concatBytes } from '../../src/base/bytes.ts';

export interface RtpShape {
  readonly payload: Bytes;
  readonly csrcs?: number;
  /** In words of four bytes; absent: no header extension. */
  readonly extensionWords?: number;
  /** Bytes of padding, its own count included; absent: none. */
  readonly padding?: number;
}

const paddingBytes = (size: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size);
  if (size > 0) bytes[size - 1] = size;
  return bytes;
};

/** One RTP packet (RFC 3550 section 5.1). The parts around the payload are full of ones, so that misreading shows. */
export const rtpPacket = ({ payload, csrcs = 0, extensionWords, padding = 0 }: RtpShape): Bytes => {
  const fixed = new Uint8Array(12).fill(0xff);
  const extensionFlag = extensionWords === undefined ? 0 : 0x10;
  fixed[0] = 0x80 | (padding > 0 ? 0x20 : 0) | extensionFlag | csrcs;
  const words = extensionWords ?? 0;
  const extension =
    extensionWords === undefined
      ? new Uint8Array(0)
      : concatBytes(
          Uint8Array.of(0xbe, 0xde, words >> 8, words & 0xff),
          new Uint8Array(words * 4).fill(0xff),
        );
  return concatBytes(fixed, new Uint8Array(csrcs * 4).fill(0xff), extension, payload, paddingBytes(padding));
};
