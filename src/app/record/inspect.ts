import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { Refusal } from '../../base/result.ts';
import { readRecordKey, sha256, verifySignature } from '../../signaling/audit/crypto.ts';
import { ExportJudge } from '../../signaling/audit/export.ts';
import { readEntries, verifyFile, type Wanted } from '../../signaling/audit/read.ts';
import { headsNamedBy, type KeptCheckpoint, readKept } from '../../signaling/audit/schema.ts';
import { type Finding, RecordVerifier, type Verdict } from '../../signaling/audit/verify.ts';
import { RECORD_KEY, recordNamedBy, recordsIn } from './files.ts';
import { namedAmong, readSpans, type Span } from './series.ts';

export { EXPORT_ALLOWED_DAYS } from '../../signaling/audit/export.ts';
export type { Verdict };

export interface Expected {
  /** The key that the record must bear; absent: the one that it names itself. */
  readonly publicKey?: string | undefined;
  /** What is known of it from elsewhere. */
  readonly kept?: readonly KeptCheckpoint[];
}

export const judgeRecord = (path: string, { publicKey, kept = [] }: Expected = {}): Promise<Verdict> =>
  verifyFile(path, new RecordVerifier({ sha256, verify: verifySignature, publicKey, kept }));

export interface Judged {
  readonly path: string;
  readonly verdict: Verdict;
  /** Another record says how far this one went: an end that was cut off would show. */
  readonly isNamed: boolean;
}

/** Records of one folder, all of them or one. */
export interface Chosen {
  readonly paths: readonly string[];
  /** The others are asked what they say of it, and are not judged. */
  readonly isOne: boolean;
}

/**
 * Each by itself, and against what the others in its folder say of it: each record begins with how far those before it went. `kept`: of
 * the record that it names, or of the only one.
 */
export const judgeRecords = async (
  { paths, isOne }: Chosen,
  {
    publicKey,
    kept,
  }: { readonly publicKey?: string | undefined; readonly kept?: KeptCheckpoint | undefined },
): Promise<readonly Judged[]> => {
  const spans = await readSpans(await around(paths));
  const named = namedAmong(spans);
  const judged: Judged[] = [];
  for (const path of paths) {
    const id = spans.find((span) => span.path === path)?.end.record;
    const ofOthers = id === undefined ? [] : (named.get(id) ?? []);
    const isOfThis = kept !== undefined && (paths.length === 1 || kept.record === id);
    const expected = { publicKey, kept: isOfThis ? [...ofOthers, kept] : ofOthers };
    const verdict = await judgeRecord(path, expected);
    judged.push({ path, verdict, isNamed: ofOthers.length > 0 });
  }
  const inPlace = judged.map(withPlace);
  return isOne ? inPlace : inPlace.map((one) => withMissing(one, spans));
};

/** A good record in another one's place: the newest is named by none that would miss it. */
const withPlace = (judged: Judged): Judged => {
  const { path, verdict } = judged;
  const [named, found] = [recordNamedBy(path), verdict.opening?.record];
  const isSaid = verdict.findings.some(({ code }) => code === 'record.other');
  if (isSaid || named === undefined || found === undefined || named === found) return judged;
  const message = `by its name this file is the record ${named}, and it holds the record ${found}`;
  return withFindings(judged, [{ code: 'record.other', line: 1, message }]);
};

const withFindings = (judged: Judged, more: readonly Finding[]): Judged => ({
  ...judged,
  verdict: { ...judged.verdict, findings: [...more, ...judged.verdict.findings] },
});

const around = async (paths: readonly string[]): Promise<readonly string[]> => {
  const folders = new Set(paths.map((path) => dirname(path)));
  const beside = await Promise.all([...folders].map(recordsIn));
  return [...new Set([...paths, ...beside.flat()])];
};

/** What it names as from before it, and is not there. */
const withMissing = (judged: Judged, spans: readonly Span[]): Judged => {
  const { verdict } = judged;
  const there = new Set(spans.map(({ end }) => end.record));
  const named = verdict.opening === undefined ? [] : headsNamedBy(verdict.opening);
  const missing = named.filter(({ record }) => !there.has(record));
  const findings = missing.map(({ record, count }) => ({
    code: 'record.missing' as const,
    line: 1,
    message: `the record ${record} of at least ${count} lines, which was there when this one began, is not`,
  }));
  return withFindings(judged, findings);
};

/** Of the folder of state to which these records belong; `undefined` where it is not there, or is none. */
export const keyBeside = async ([path]: readonly string[]): Promise<string | undefined> => {
  if (path === undefined) return undefined;
  try {
    return readRecordKey(await readFile(join(dirname(path), '..', RECORD_KEY), 'utf8')).publicKey;
  } catch {
    return undefined;
  }
};

export interface Exported {
  /** Lines. */
  readonly printed: number;
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
  let printed = 0;
  for (const { path } of records)
    await readEntries(path, wanted, ({ atUnixMs, content }) => {
      if (!mayPrint('meeting' in content ? content.meeting : undefined)) return;
      print(JSON.stringify({ at: new Date(atUnixMs).toISOString(), ...content }));
      printed += 1;
    });
  return { printed, refused };
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
