import { readFile } from 'node:fs/promises';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { Refusal } from '../../base/result.ts';
import { sha256, verifySignature } from '../../signaling/audit/crypto.ts';
import { ExportJudge } from '../../signaling/audit/export.ts';
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

export interface Exported {
  /** By meeting: why nothing was printed of it. */
  readonly refused: ReadonlyMap<string, Refusal>;
}

/**
 * Prints what is wanted and may be exported. All records are read for allowances first: a meeting may have lived through a restart.
 * `reference`: the line of one refusal, for whoever helps the person that was refused, is no export of a meeting.
 */
export const printExport = async (
  records: readonly JudgedRecord[],
  wanted: Wanted,
  nowUnixMs: number,
  print: (line: string) => void,
): Promise<Exported> => {
  const judge = new ExportJudge();
  for (const { path, isWhole } of records)
    await readEntries(path, {}, (stamped) => judge.take(stamped, isWhole));
  const refused = new Map<string, Refusal>();
  const mayPrint = (meeting: string | undefined): boolean => {
    const why =
      meeting === undefined || wanted.reference !== undefined ? undefined : judge.whyNot(meeting, nowUnixMs);
    if (meeting !== undefined && why !== undefined) refused.set(meeting, why);
    return why === undefined;
  };
  for (const { path } of records)
    await readEntries(path, wanted, ({ atUnixMs, content }) => {
      if (mayPrint('meeting' in content ? content.meeting : undefined))
        print(JSON.stringify({ at: new Date(atUnixMs).toISOString(), ...content }));
    });
  return { refused };
};

export interface JudgedRecord {
  readonly path: string;
  readonly isWhole: boolean;
}

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
