import { readFile } from 'node:fs/promises';
import { BelfryError } from '../../base/errors.ts';
import type { EncodedClip } from './clip.ts';
import { readIvf } from './ivf.ts';
import { asLayers } from './layers.ts';
import { readOpus } from './opus.ts';
import type { ClipResult } from './refusal.ts';

/** The media that the project ships, made by scripts/make-clips.mjs. */
export interface ShippedClips {
  /** 160x90, 320x180 and 640x360 at 30 frames a second, 8 s, a key frame a second. */
  readonly camera: readonly EncodedClip[];
  /** Speech, 8 s of 20 ms frames of constant size, at its real loudness. */
  readonly microphone: readonly EncodedClip[];
}

const VIDEO_FILES = ['motion-90.ivf', 'motion-180.ivf', 'motion-360.ivf'] as const;

/** Throws `clip.…` codes where the installation's files are missing or broken. */
export const loadShippedClips = async (): Promise<ShippedClips> => {
  const videos = (await Promise.all(VIDEO_FILES.map(read))).map(readIvf).map(orThrow);
  const [speech, levels] = await Promise.all([read('speech.opus'), read('speech.levels')]);
  return { camera: orThrow(asLayers(videos)), microphone: [orThrow(readOpus(speech, levels))] };
};

const read = async (name: string) => {
  try {
    return await readFile(new URL(`media/${name}`, import.meta.url));
  } catch (cause) {
    throw new BelfryError('clip.missing', `cannot read the shipped clip ${name}`, { cause });
  }
};

const orThrow = <T>(result: ClipResult<T>): T => {
  if (!result.ok) throw BelfryError.from(result.refusal);
  return result.value;
};
