import { type Bytes, toHex } from '../../base/bytes.ts';
import { WORDS } from './words.ts';

/**
 * 96 bits: finding another root with the same twelve words takes 2^96 tries, more than anybody can make, and twelve words
 * are still read aloud in ten seconds.
 */
const FINGERPRINT_WORDS = 12;
const WORDS_IN_GROUP = 4;
export const FINGERPRINT_WORD_BITS = FINGERPRINT_WORDS * 8;

const grouped = (parts: readonly string[], size: number, separator: string): string[] =>
  Array.from({ length: Math.ceil(parts.length / size) }, (_, i) =>
    parts.slice(i * size, (i + 1) * size).join(separator),
  );

/** The first 12 bytes of a SHA-256 fingerprint, a word each, in groups of four. */
export const wordsOf = (sha256: Bytes): string =>
  grouped(
    Array.from(sha256.subarray(0, FINGERPRINT_WORDS), (byte) => WORDS[byte] ?? ''),
    WORDS_IN_GROUP,
    ' ',
  ).join(' · ');

/** As devices show it: pairs of hexadecimal digits with colons. */
export const hexOf = (sha256: Bytes): string => grouped([...toHex(sha256).toUpperCase()], 2, '').join(':');
