import { type Bytes, utf8 } from '../../base/bytes.ts';

/** Of UTF-8. Every sealed name has the same size, so that none tells its length; longer names would cost everybody. */
export const MAX_NAME_BYTES = 64;

/** One byte of length, then the name, then zeros. `undefined` where it is too long, or no text that UTF-8 can hold. */
export const packName = (name: string): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = utf8(name);
  if (bytes.length > MAX_NAME_BYTES || !name.isWellFormed()) return undefined;
  const packed = new Uint8Array(1 + MAX_NAME_BYTES);
  packed[0] = bytes.length;
  packed.set(bytes, 1);
  return packed;
};

/** The name, or `undefined` where `packed` is not what `packName` makes. */
export const unpackName = (packed: Bytes): string | undefined => {
  const length = packed[0];
  if (length === undefined || length > MAX_NAME_BYTES || packed.length !== 1 + MAX_NAME_BYTES)
    return undefined;
  if (packed.subarray(1 + length).some((byte) => byte !== 0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(packed.subarray(1, 1 + length));
  } catch {
    return undefined;
  }
};
