import { z } from 'zod';
import { type Bytes, concatBytes, utf8 } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import { bytesText, idText, unixMs } from '../statement/schemas.ts';
import { digestText } from '../statement/statement.ts';
import type { PersonId } from './ids.ts';

/** Without I, L, O and U: read aloud and typed without mistakes (Crockford's alphabet). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 100 bits: whoever sees a request can try codes against it at leisure until the code ends. */
const CODE_CHARS = 20;
const GROUP_CHARS = 4;
export const CODE_BYTES = CODE_CHARS;
/** Given in person or by another channel than the request: a weekend must fit. */
export const CODE_VALID_MS = 3 * 86_400_000;

/** `CODE_BYTES` random bytes as a code in groups, `7Q2M-…`. Of each byte five bits are used, so no character is likelier. */
export const writeCode = (random: Bytes): string => {
  const chars = Array.from(random.subarray(0, CODE_CHARS), (byte) => ALPHABET[byte & 31] ?? '');
  const groups = Array.from({ length: CODE_CHARS / GROUP_CHARS }, (_, i) =>
    chars.slice(i * GROUP_CHARS, (i + 1) * GROUP_CHARS).join(''),
  );
  return groups.join('-');
};

/** The code however it was typed: small letters, spaces, O for 0, I or L for 1. `undefined` where it is none. */
export const readCode = (typed: string): string | undefined => {
  const chars = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  const isCode = chars.length === CODE_CHARS && [...chars].every((char) => ALPHABET.includes(char));
  return isCode ? chars : undefined;
};

/** What is hashed to keep a code, and what its hash then proves; the names tell the two apart. */
export const codeHashInput = (code: string): Uint8Array<ArrayBuffer> =>
  utf8(`belfry enrolment-code v1\0${code}`);
export const proofInput = (spki: Bytes): Uint8Array<ArrayBuffer> =>
  concatBytes(utf8('belfry enrolment-proof v1\0'), spki);

/** An issued code as the authority keeps it: never the code itself. */
export const codeRecordSchema = z.strictObject({
  hash: bytesText(32),
  person: idText<PersonId>(),
  untilUnixMs: unixMs,
  /** The key that was enrolled with it. */
  usedBy: digestText.optional(),
});
export type CodeRecord = z.infer<typeof codeRecordSchema>;

/** `record`: that whose hash the request's proof fits. */
export const judgeCode = (
  record: CodeRecord | undefined,
  nowUnixMs: number,
): Result<CodeRecord, Refusal<'code.unknown' | 'code.used' | 'code.expired'>> => {
  if (record === undefined)
    return refuse('code.unknown', 'the request was made with no code of this authority');
  if (record.usedBy !== undefined) return refuse('code.used', 'the code was used by another device');
  if (nowUnixMs >= record.untilUnixMs) return refuse('code.expired', 'the code has expired');
  return ok(record);
};
