import { z } from 'zod';
import { type Bytes, concatBytes, utf8 } from '../../base/bytes.ts';
import type { Branded } from '../../base/ids.ts';
import type { Refusal } from '../../base/result.ts';
import { ALGS, type Alg } from './algorithms.ts';
import type { JsonRefusal } from './strict-json.ts';

/** SHA-256 of a public key (SubjectPublicKeyInfo, DER), base64url. */
export type KeyId = Branded<'KeyId'>;
/** A public key as certificates hold it (SubjectPublicKeyInfo, DER). */
export interface PublicKeyInfo {
  readonly alg: Alg;
  readonly keyId: KeyId;
  readonly spki: Uint8Array<ArrayBuffer>;
}

/** SHA-256 of what was signed, base64url: names one statement, whoever signed it and however often. */
export type StatementDigest = Branded<'StatementDigest'>;
const DIGEST_CHARS = 43;
export const digestText = z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${DIGEST_CHARS}}$`));

/** What can be signed, each with a name that its signature covers. */
export interface StatementKind<T> {
  /** Lower-case letters and hyphens. */
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  /** Of the signed bytes. */
  readonly maxBytes: number;
}

/** The exact signed bytes travel: nothing is serialised twice, so no two readers can differ on what was signed. */
export const envelopeSchema = z.strictObject({
  kind: z.string().max(32),
  alg: z.enum(ALGS),
  /** JSON of the kind's schema, base64url. */
  bytes: z.string(),
  /** Base64url; for ECDSA both numbers in full length (IEEE P1363). */
  signature: z.string().max(256),
  /** A hint as to which key to take; whoever checks has that key from elsewhere. */
  signer: digestText,
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** A statement whose signature was found good. */
export interface Opened<T> {
  readonly value: T;
  readonly signer: KeyId;
  readonly digest: StatementDigest;
}

export type StatementRefusal =
  | Refusal<
      | 'statement.malformed'
      | 'statement.other-kind'
      | 'statement.too-large'
      | 'statement.other-signer'
      | 'statement.other-algorithm'
      | 'statement.not-authentic'
    >
  | JsonRefusal;

/** A zero byte ends the name: no kind's name followed by bytes of one kind reads as another kind's. */
export const signatureInput = (kind: string, bytes: Bytes): Uint8Array<ArrayBuffer> =>
  concatBytes(utf8(`belfry ${kind} v1`), Uint8Array.of(0), bytes);
