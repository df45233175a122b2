/** `sequence` (16 bits) as the number nearest to `reference` of an unwrapped count (RFC 3550 appendix A.1). */
export const unwrapSequence = (sequence: number, reference: number): number =>
  reference + (((sequence - reference) << 16) >> 16);

export const toUint16 = (value: number): number => value & 0xffff;
export const toUint32 = (value: number): number => value >>> 0;
