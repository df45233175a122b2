import { checkpointSchema, type SignedCheckpoint } from '../../trust/record/checkpoint.ts';
import type { AuditEntry } from './entry.ts';

/** The record itself says first which one it is and whose signature its checkpoints bear. */
export interface Opening {
  readonly kind: 'record';
  readonly record: string;
  /** Ed25519 (RFC 8032), SubjectPublicKeyInfo in base64url. */
  readonly publicKey: string;
  /** How far the records went that were there when it began, but for those that another one names. Absent in older ones. */
  readonly after?: readonly KeptCheckpoint[];
}

/** Signed by the key of the opening: no line before it can be changed without that key. */
export interface Checkpoint {
  readonly kind: 'checkpoint';
  readonly signature: string;
}

export type Content = AuditEntry | Opening | Checkpoint;

/** What the JSON of every line holds beside its content. */
export interface Stamped {
  /** From 0 on, without a gap. */
  readonly n: number;
  readonly atUnixMs: number;
  readonly content: Content;
}

export const writeJson = ({ n, atUnixMs, content }: Stamped): string =>
  JSON.stringify({ n, atUnixMs, ...content });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `undefined` where `json` has no number, time and kind. What kinds there are is the reader's to know: old ones stay readable. */
export const readJson = (json: string): Stamped | undefined => {
  const value = parse(json);
  if (!isObject(value)) return undefined;
  const { n, atUnixMs, ...content } = value;
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(atUnixMs) || typeof content.kind !== 'string')
    return undefined;
  // Of the content only the kind is known here; readers look at the fields that they use.
  return { n: Number(n), atUnixMs: Number(atUnixMs), content: content as unknown as Content };
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** A checkpoint as somebody keeps it apart from the file: what a client was shown, or as much of it. */
export type KeptCheckpoint = Pick<SignedCheckpoint, 'record' | 'count' | 'hash'>;

/** `undefined` where `json` is no checkpoint. */
export const readKept = (json: string): KeptCheckpoint | undefined => {
  const kept = checkpointSchema.safeParse(parse(json));
  return kept.success ? kept.data : undefined;
};

/** Of what an opening says of other records, that which can be held against them. */
export const headsNamedBy = ({ after }: Opening): readonly KeptCheckpoint[] =>
  Array.isArray(after) ? after.filter(isHead) : [];

const isHead = (value: unknown): value is KeptCheckpoint =>
  isObject(value) &&
  typeof value.record === 'string' &&
  typeof value.hash === 'string' &&
  Number.isSafeInteger(value.count);
