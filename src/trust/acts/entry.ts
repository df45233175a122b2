import { z } from 'zod';
import { utf8 } from '../../base/bytes.ts';
import { ok, type Refusal, type Result, refuse } from '../../base/result.ts';
import type { PersonId } from '../devices/ids.ts';
import { idText, unixMs } from '../statement/schemas.ts';
import { digestText, type StatementDigest } from '../statement/statement.ts';
import { readJson } from '../statement/strict-json.ts';
import { vouchedSchema } from '../statement/vouched.ts';
import type { Head } from './head.ts';
import { CHAIR_LOST_AFTER_MS } from './rules.ts';

const person = idText<PersonId>();
const fact = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('arrived'), person }),
  z.strictObject({
    kind: z.literal('left'),
    person,
    lostMs: z.int().min(1).max(CHAIR_LOST_AFTER_MS).optional(),
  }),
  z.strictObject({ kind: z.literal('not-entitled'), person }),
]);

const schema = z.strictObject({
  /** From 1 on, without a gap. */
  n: z.int().min(1),
  /** Of the entry before; of the first one the charter's. */
  previous: digestText.transform((text) => text as StatementDigest),
  /** When the relay took it: the time by which everybody judges it. */
  atUnixMs: unixMs,
  what: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fact'), fact }),
    z.strictObject({ kind: z.literal('act'), act: vouchedSchema }),
  ]),
});
/** One line of what happened in a meeting. Its text travels as it was written: everybody hashes the same bytes. */
export type Entry = z.infer<typeof schema>;

/** An act's text in base64url, its certificate and signature. */
export const MAX_ENTRY_BYTES = 131_072;

export type EntryRefusal = Refusal<'entry.malformed' | 'entry.gap' | 'entry.other-chain' | 'entry.earlier'>;

/** A zero byte ends the name, as in statements: an entry's digest is no digest of anything else. */
export const entryInput = (text: string): Uint8Array<ArrayBuffer> => utf8(`belfry entry v1\0${text}`);

/** The entry that follows `head`, and nothing else. */
export const readEntry = (text: string, head: Head, lastUnixMs: number): Result<Entry, EntryRefusal> => {
  const read = readJson(utf8(text), MAX_ENTRY_BYTES, schema);
  if (!read.ok) return refuse('entry.malformed', `it is no entry: ${read.refusal.message}`);
  const { n, previous, atUnixMs } = read.value;
  if (n !== head.n + 1) return refuse('entry.gap', `entry ${n} does not follow entry ${head.n}`);
  if (previous !== head.digest) return refuse('entry.other-chain', `entry ${n} follows another one`);
  if (atUnixMs < lastUnixMs) return refuse('entry.earlier', `entry ${n} is from before the one before it`);
  return ok(read.value);
};
