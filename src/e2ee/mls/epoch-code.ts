import type { CiphersuiteImpl } from 'ts-mls';
import { type Bytes, toHex, utf8 } from '../../base/bytes.ts';
import { WORDS } from '../../trust/hosts/words.ts';
import type { EpochCode } from './port.ts';

/** 10^20 is more than 2^66: forging a code takes that many tries, as the words take 2^72. */
const DIGITS = 20;
const WORD_COUNT = 9;
/** More than the digits need: the remainder's bias is then 2^-61. */
const CODE_BYTES = 16;

const codeOf = (bytes: Bytes): EpochCode => ({
  digits: (BigInt(`0x${toHex(bytes)}`) % 10n ** BigInt(DIGITS)).toString().padStart(DIGITS, '0'),
  words: Array.from(bytes.subarray(0, WORD_COUNT), (byte) => WORDS[byte] ?? ''),
});

export const epochCodeOf = async (authenticator: Bytes, { kdf }: CiphersuiteImpl): Promise<EpochCode> =>
  codeOf(await kdf.expand(authenticator, utf8('belfry.v1 epoch code'), CODE_BYTES));
