import { watch } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomBytes } from '../../base/clock.ts';
import { asId } from '../../base/ids.ts';
import { CODE_VALID_MS } from '../../trust/devices/codes.ts';
import {
  MAX_ANSWER_BYTES,
  MAX_REQUEST_BYTES,
  MAX_TOLD_DEVICES_BYTES,
} from '../../trust/devices/enrolment.ts';
import { DAY_MS } from '../../trust/hosts/validity.ts';
import type { KeyId } from '../../trust/statement/statement.ts';
import { openFolder, replaceState, type StateFolder } from '../state-files.ts';

/*
 * What relay and authority exchange, in folders that may be carried from one host to the other. A file is named by the key
 * that it is about; everything in it is signed, so that whoever carries it can lose it and not change it.
 */

const PARTS = {
  /** A code is of no use for longer; the relay takes in fewer than may lie there. */
  requests: { maxBytes: MAX_REQUEST_BYTES, maxAgeMs: CODE_VALID_MS, maxFiles: 4_096 },
  /** A device that comes later asks anew. Strangers are answered too: what they were told must not fill the disk. */
  answers: { maxBytes: MAX_ANSWER_BYTES, maxAgeMs: 30 * DAY_MS, maxFiles: 4_096 },
  /** For as long as a certificate lasts: a device that has not renewed since may not have heard. */
  devices: { maxBytes: MAX_TOLD_DEVICES_BYTES, maxAgeMs: 30 * DAY_MS, maxFiles: 16_384 },
} as const;
export type Part = keyof typeof PARTS;

const SUFFIX = '.json';
const KEY_ID = /^[A-Za-z0-9_-]{43}$/;
export const isKeyId = (text: string): boolean => KEY_ID.test(text);

export interface Mailbox {
  readonly path: string;
  readonly randomBytes: RandomBytes;
}

const folderOf = ({ path }: Mailbox, part: Part): StateFolder => ({
  path: join(path, part),
  flag: '--enrolment',
});
const nameOf = (keyId: KeyId): string => `${keyId}${SUFFIX}`;

/** Throws `trust.state-dir`, or `trust.permissions` where others could change it. */
export const openMailbox = async (mailbox: Mailbox): Promise<void> => {
  await openFolder({ path: mailbox.path, flag: '--enrolment' });
  for (const part of Object.keys(PARTS) as Part[]) await openFolder(folderOf(mailbox, part));
};

/** In no order. */
export const keyIdsIn = async (mailbox: Mailbox, part: Part): Promise<KeyId[]> =>
  keyIdsAmong(await readdir(folderOf(mailbox, part).path));

const keyIdsAmong = (names: readonly string[]): KeyId[] =>
  names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .filter(isKeyId)
    .map((keyId) => asId<KeyId>(keyId));

interface Kept {
  readonly text: string;
  readonly modifiedUnixMs: number;
}

/** Whose file came or went there, from now on. Folders on a network may not tell. */
export const watchFor = (mailbox: Mailbox, part: Part, onChange: (keyId: KeyId) => void): (() => void) => {
  const watcher = watch(folderOf(mailbox, part).path, (_, name) => {
    const [keyId] = keyIdsAmong([name ?? '']);
    if (keyId !== undefined) onChange(keyId);
  });
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
};

/** `undefined` where there is none, and where it is longer than such a file may be. */
export const readFrom = async (mailbox: Mailbox, part: Part, keyId: KeyId): Promise<Kept | undefined> => {
  const path = join(folderOf(mailbox, part).path, nameOf(keyId));
  try {
    const { size, mtimeMs } = await stat(path);
    return size > PARTS[part].maxBytes
      ? undefined
      : { text: await readFile(path, 'utf8'), modifiedUnixMs: mtimeMs };
  } catch {
    return undefined;
  }
};

export const writeTo = (mailbox: Mailbox, part: Part, keyId: KeyId, text: string): Promise<void> =>
  replaceState(
    { folder: folderOf(mailbox, part), name: nameOf(keyId), isPrivate: false },
    text,
    mailbox.randomBytes,
  );

export const removeFrom = (mailbox: Mailbox, part: Part, keyId: KeyId): Promise<void> =>
  rm(join(folderOf(mailbox, part).path, nameOf(keyId)), { force: true });

/** Takes away what is too old to be of use, and the oldest of more than may be. */
export const sweepMailbox = async (
  mailbox: Mailbox,
  part: Part,
  nowUnixMs: number,
  maxFiles: number = PARTS[part].maxFiles,
): Promise<void> => {
  const { maxAgeMs } = PARTS[part];
  const kept = await agesIn(mailbox, part);
  const over = kept.filter(({ modifiedUnixMs }, i) => i >= maxFiles || modifiedUnixMs + maxAgeMs < nowUnixMs);
  for (const { keyId } of over) await removeFrom(mailbox, part, keyId);
};

/** The newest first. */
const agesIn = async (mailbox: Mailbox, part: Part) => {
  const all = [];
  for (const keyId of await keyIdsIn(mailbox, part)) {
    const file = await stat(join(folderOf(mailbox, part).path, nameOf(keyId))).catch(() => undefined);
    if (file !== undefined) all.push({ keyId, modifiedUnixMs: file.mtimeMs });
  }
  return all.sort((a, b) => b.modifiedUnixMs - a.modifiedUnixMs);
};
