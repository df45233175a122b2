import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { BelfryError, messageOf } from '../../base/errors.ts';
import type { AuditMedium } from './record.ts';

/** Room for some 2,000 lines: the departures of the largest meetings, and their ends. */
const RESERVE_BYTES = 512 * 1024;
/** For the owner alone. */
const MODE = 0o600;

/**
 * A file that only grows. What `append` wrote survives the end of this process at any moment; the end of the machine may
 * cost what the system had not put on the disk yet.
 */
export const openAuditFile = (path: string): AuditMedium => {
  const file = create(path);
  const reserve = `${path}.reserve`;
  let hasReserve = false;
  return {
    append(text) {
      const { size } = fstatSync(file);
      try {
        writeAll(file, Buffer.from(text));
      } catch (error) {
        // Part of a line would be taken for damage.
        ftruncateSync(file, size);
        throw error;
      }
    },
    holdReserve() {
      hasReserve ||= tryToReserve(reserve);
      return hasReserve;
    },
    releaseReserve() {
      rmSync(reserve, { force: true });
      hasReserve = false;
    },
    close() {
      rmSync(reserve, { force: true });
      closeSync(file);
    },
  };
};

const create = (path: string): number => {
  try {
    return openSync(path, 'ax', MODE);
  } catch (cause) {
    throw new BelfryError('audit.file', `the record ${path} cannot be made: ${messageOf(cause)}`, {
      remedy: 'make room and rights there, or name another folder with --state-dir',
      cause,
    });
  }
};

const writeAll = (file: number, bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
};

/** Bytes, not a hole: a hole takes no room. */
const tryToReserve = (path: string): boolean => {
  try {
    writeFileSync(path, Buffer.alloc(RESERVE_BYTES, 0xff), { mode: MODE });
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
};
