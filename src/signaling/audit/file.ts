import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { Reserve } from '../reserve.ts';
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
  const reserve = new Reserve(`${path}.reserve`, RESERVE_BYTES);
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
    holdReserve: () => reserve.hold(),
    releaseReserve: () => reserve.release(),
    close() {
      reserve.release();
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
