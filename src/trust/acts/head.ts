import { z } from 'zod';
import { digestText, type StatementDigest } from '../statement/statement.ts';

export const headSchema = z.strictObject({
  /** 0 before the first entry. */
  n: z.int().min(0),
  /** Of that entry's text; before the first one the charter's. */
  digest: digestText.transform((text) => text as StatementDigest),
});
/** The newest entry that somebody has. */
export type Head = z.infer<typeof headSchema>;

/** The newest entries, in order: what an act may say that its signer saw. */
export type Heads = readonly Head[];

/** An act is signed and sent within seconds, in which five hundred people may come in. More would be copied with each entry. */
export const MAX_HEADS = 1_024;

export const withHead = (heads: Heads, head: Head): Heads => [...heads.slice(1 - MAX_HEADS), head];

/** `too-old`: from before those that are kept. */
export const judgeSeen = (heads: Heads, { n, digest }: Head): 'same-chain' | 'other-chain' | 'too-old' => {
  const [oldest] = heads;
  if (oldest === undefined || n < oldest.n) return 'too-old';
  return heads[n - oldest.n]?.digest === digest ? 'same-chain' : 'other-chain';
};
