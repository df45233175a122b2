import type { Bytes } from '../../base/bytes.ts';

/** Nothing that is read aloud may sound or look like another: Crockford's base 32. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 40 bits: among a day's refusals no two are the same, and nobody guesses one. */
export const REFERENCE_BYTES = 5;

/** `XXXX-XXXX`: what a person who was refused tells an operator, who finds the reason under it in the record. */
export const referenceOf = (bytes: Bytes): string => {
  const number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const digits = Array.from({ length: 8 }, (_, i) => DIGITS[Number((number >> BigInt(35 - 5 * i)) & 31n)]);
  return `${digits.slice(0, 4).join('')}-${digits.slice(4).join('')}`;
};
