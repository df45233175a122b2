import { open } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RandomBytes } from '../../base/clock.ts';
import { BelfryError, messageOf } from '../../base/errors.ts';
import { replaceState } from '../state-files.ts';

const BELGIUM = new URL('../../trust/markings/belgium.json', import.meta.url);
/** Scales are the longest that is read. */
const MAX_INPUT_BYTES = 262_144;

/** The scale that an authority has unless it is given another. */
export const belgianScalePath = (): string => fileURLToPath(BELGIUM);

/** A file that a person names, whole; refused where it is longer than anything that belongs here. */
export const readInput = async (path: string): Promise<string> => {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(MAX_INPUT_BYTES + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > MAX_INPUT_BYTES) throw new Error(`it has more than ${MAX_INPUT_BYTES} bytes`);
      return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new BelfryError('people.input', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
};

/** A file for others to have, whole or not at all. */
export const handOut = (path: string, text: string, random: RandomBytes): Promise<void> => {
  const full = resolve(path);
  const folder = { path: dirname(full), flag: '--out' };
  return replaceState({ folder, name: basename(full), isPrivate: false }, text, random);
};
