import { z } from 'zod';
import { type Bytes, toBase64Url, utf8 } from '../../base/bytes.ts';
import { bytesText } from '../statement/schemas.ts';
import { digestText, type StatementKind } from '../statement/statement.ts';

/** How far a relay's record went when it was signed: so many lines, and the hash of all of them. */
export interface RecordHead {
  readonly count: number;
  readonly hash: Bytes;
}

/** What a checkpoint's signature is over: the record, how many lines it covers, and their hash. */
export const checkpointText = (record: string, { count, hash }: RecordHead): Bytes =>
  utf8(`belfry-checkpoint-1\n${record}\n${count}\n${toBase64Url(hash)}`);

const RECORD_CHARS = 22;
const HASH_BYTES = 32;
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410). */
const KEY_BYTES = 44;
const SIGNATURE_BYTES = 64;

const record = z.string().length(RECORD_CHARS);
const count = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** As it is handed out, kept, and held against the record later: nothing of it says what the record says. */
export const checkpointSchema = z.strictObject({
  record,
  count,
  hash: bytesText(HASH_BYTES),
  /** Of the record, SubjectPublicKeyInfo in base64url. */
  publicKey: bytesText(KEY_BYTES),
  /** Ed25519 over `checkpointText`. */
  signature: bytesText(SIGNATURE_BYTES),
});
export type SignedCheckpoint = z.infer<typeof checkpointSchema>;

const countersigned = z.strictObject({ record, count, hash: digestText });
export type Countersigned = z.infer<typeof countersigned>;

/** A device was shown this checkpoint, and keeps it. */
export const COUNTERSIGNATURE: StatementKind<Countersigned> = {
  kind: 'countersignature',
  schema: countersigned,
  maxBytes: 256,
};
