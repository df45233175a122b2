import { type Bytes, concatBytes, fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';
import type { RecordHead } from '../../trust/record/checkpoint.ts';

/** SHA-256 (FIPS 180-4): 32 bytes. Handed in, so that the chain stays pure. */
export type Sha256 = (bytes: Bytes) => Bytes;

/** First input to every chain: hashes of other uses never fit. */
const GENESIS = utf8('belfry-record-1');

/** The head of the chain after `count` lines. */
export type Head = RecordHead;

/** One line of the file: its hash, a space, and what it says as JSON. */
export interface Line {
  readonly hash: Bytes;
  readonly json: string;
}

export const emptyHead = (): Head => ({ count: 0, hash: GENESIS });

/** `SHA-256(hash before || SHA-256(line))`: each hash fixes all that came before it, and the line whole. */
export const extend = (sha256: Sha256, { count, hash }: Head, json: string): Head => ({
  count: count + 1,
  hash: sha256(concatBytes(hash, sha256(utf8(json)))),
});

export const formatLine = ({ hash, json }: Line): string => `${toBase64Url(hash)} ${json}\n`;

const HASH_BYTES = 32;
/** Unpadded base64url of 32 bytes. */
const HASH_CHARS = 43;

/** `undefined` where `text`, without its line break, is no line. */
export const parseLine = (text: string): Line | undefined => {
  if (text[HASH_CHARS] !== ' ') return undefined;
  const hash = fromBase64Url(text.slice(0, HASH_CHARS));
  return hash?.length === HASH_BYTES ? { hash, json: text.slice(HASH_CHARS + 1) } : undefined;
};
