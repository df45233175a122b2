import { readFile } from 'node:fs/promises';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { sha256, verifySignature } from '../../signaling/audit/crypto.ts';
import { readEntries, verifyFile, type Wanted } from '../../signaling/audit/read.ts';
import { type KeptCheckpoint, readKept } from '../../signaling/audit/schema.ts';
import { RecordVerifier, type Verdict } from '../../signaling/audit/verify.ts';

export type { Verdict };

export interface Expected {
  /** The key that the record must bear; absent: the one that it names itself. */
  readonly publicKey?: string | undefined;
  readonly kept?: KeptCheckpoint | undefined;
  /** It is to be the record of which the checkpoint was kept; else one of several, and then only that one is held against it. */
  readonly isAlone?: boolean;
}

export const judgeRecord = async (
  path: string,
  { publicKey, kept, isAlone = true }: Expected,
): Promise<Verdict> => {
  const judge = (checkpoints: readonly KeptCheckpoint[]) =>
    verifyFile(path, new RecordVerifier({ sha256, verify: verifySignature, publicKey, kept: checkpoints }));
  if (kept === undefined || isAlone) return judge(kept === undefined ? [] : [kept]);
  const alone = await judge([]);
  return alone.opening?.record === kept.record ? judge([kept]) : alone;
};

/** Lines of JSON, each with the moment that it stands for. */
export const printEntries = (path: string, wanted: Wanted, print: (line: string) => void): Promise<void> =>
  readEntries(path, wanted, ({ atUnixMs, content }) =>
    print(JSON.stringify({ at: new Date(atUnixMs).toISOString(), ...content })),
  );

/** Throws `audit.checkpoint`. */
export const readCheckpoint = async (file: string): Promise<KeptCheckpoint> => {
  const kept = readKept(await textOf(file));
  if (kept !== undefined) return kept;
  throw new BelfryError('audit.checkpoint', `${file} holds no checkpoint`, {
    remedy: 'a checkpoint is JSON as a client keeps it: record, count, hash, publicKey and signature',
  });
};

const textOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BelfryError('audit.checkpoint', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
};

export const fingerprintOf = sha256;
