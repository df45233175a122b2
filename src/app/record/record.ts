import { toBase64Url } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { makeRecordKey, type RecordKey, readRecordKey, sha256 } from '../../signaling/audit/crypto.ts';
import { openAuditFile } from '../../signaling/audit/file.ts';
import { AuditRecord } from '../../signaling/audit/record.ts';
import { createState, openFolder, pathOf, readState, type StateFile } from '../state-files.ts';
import { newRecordPath, RECORD_KEY, recordFolderIn, recordsIn } from './files.ts';
import { looseEnds, readSpans } from './series.ts';

const ID_BYTES = 16;

export interface RecordOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
}

/** What this process decides, from its first line on. Each start begins a record of its own, signed by one key. */
export interface OpenedRecord {
  readonly audit: AuditRecord;
  readonly path: string;
}

/** Throws `audit.file`, `audit.key` and `audit.unwritable`, and what the state folder's files throw. */
export const openRecord = async (options: RecordOptions): Promise<OpenedRecord> => {
  const { stateDir, clock, randomBytes, logger } = options;
  const key = await openKey(options);
  await openFolder({ path: recordFolderIn(stateDir), flag: '--state-dir' });
  const record = toBase64Url(randomBytes(ID_BYTES));
  const path = newRecordPath(stateDir, record, clock.unixMs());
  const after = looseEnds(await readSpans(await recordsIn(recordFolderIn(stateDir))));
  const opening = { kind: 'record', record, publicKey: key.publicKey, after } as const;
  const audit = new AuditRecord({
    medium: openAuditFile(path),
    sha256,
    sign: key.sign,
    opening,
    clock,
    logger,
  });
  return { audit, path };
};

const openKey = async ({ stateDir, randomBytes }: RecordOptions): Promise<RecordKey> => {
  const folder = { path: stateDir, flag: '--state-dir' };
  const file: StateFile = { folder, name: RECORD_KEY, isPrivate: true };
  await openFolder(folder);
  if ((await readState(file)) === undefined) await createState(file, makeRecordKey(), randomBytes);
  return readKey(file, (await readState(file)) ?? '');
};

const readKey = (file: StateFile, pem: string): RecordKey => {
  try {
    return readRecordKey(pem);
  } catch (cause) {
    throw new BelfryError('audit.key', `${pathOf(file)} holds no key for records: ${messageOf(cause)}`, {
      remedy:
        'put the file back as it was; without it a new key is made, by which old records are not checked',
      cause,
    });
  }
};
