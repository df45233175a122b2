import type { Bytes } from '../base/bytes.ts';
import type { Descriptor } from './descriptor.ts';

const FLAG_EXTENDED = 0b1000_0000;
const FLAG_PARTITION_START = 0b0001_0000;
const PARTITION_INDEX = 0b0000_0111;

const FLAG_PICTURE_ID = 0b1000_0000;
const FLAG_TL0PICIDX = 0b0100_0000;
const FLAGS_TID_OR_KEYIDX = 0b0011_0000;
const FLAG_LONG_PICTURE_ID = 0b1000_0000;

const pictureIdLength = (flags: number, firstByte: number | undefined): number => {
  if ((flags & FLAG_PICTURE_ID) === 0) return 0;
  return ((firstByte ?? 0) & FLAG_LONG_PICTURE_ID) === 0 ? 1 : 2;
};

/** The extension byte and what it announces. */
const extensionLength = (payload: Bytes): number => {
  const flags = payload[1] ?? 0;
  const tl0PicIdx = (flags & FLAG_TL0PICIDX) === 0 ? 0 : 1;
  const tidOrKeyIdx = (flags & FLAGS_TID_OR_KEYIDX) === 0 ? 0 : 1;
  return 1 + pictureIdLength(flags, payload[2]) + tl0PicIdx + tidOrKeyIdx;
};

/** RFC 7741 section 4.2. `undefined` where the descriptor runs over the payload's end. */
export const vp8Descriptor = (payload: Bytes): Descriptor | undefined => {
  const first = payload[0];
  if (first === undefined) return undefined;
  const length = 1 + ((first & FLAG_EXTENDED) === 0 ? 0 : extensionLength(payload));
  const startsFrame = (first & FLAG_PARTITION_START) !== 0 && (first & PARTITION_INDEX) === 0;
  return length <= payload.length ? { startsFrame, length } : undefined;
};
