import { type Bytes, concatBytes } from '../../base/bytes.ts';

/** One element of the Distinguished Encoding Rules (X.690): its tag, and what is in it. */
export interface Element {
  readonly tag: number;
  readonly content: Bytes;
}

/** Lengths below 2^16: certificates' extensions are far shorter. */
const MAX_CONTENT_BYTES = 0xffff;

const lengthBytes = (length: number): Uint8Array => {
  if (length > MAX_CONTENT_BYTES) throw new RangeError('too long for an element');
  if (length < 0x80) return Uint8Array.of(length);
  return length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff);
};

export const encodeElement = (tag: number, ...parts: readonly Bytes[]): Uint8Array<ArrayBuffer> => {
  const content = concatBytes(...parts);
  return concatBytes(Uint8Array.of(tag), lengthBytes(content.length), content);
};

/** The elements that follow each other in `bytes`, or `undefined` where they do not fill it. */
export const decodeElements = (bytes: Bytes): Element[] | undefined => {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = [bytes[at], bytes[at + 1]];
    const lengthSize = first < 0x80 ? 0 : first & 0x7f;
    if (lengthSize > 2) return undefined;
    const start = at + 2 + lengthSize;
    const length =
      lengthSize === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (start + length > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
};
