import { ok, refuse } from '../../base/result.ts';
import type { EncodedClip } from './clip.ts';
import type { ClipResult } from './refusal.ts';

/** `clips` as simulcast layers, lowest first: one rate, one length, key frames at the same places, at least one clip. */
export const asLayers = (clips: readonly EncodedClip[]): ClipResult<readonly EncodedClip[]> => {
  const [first] = clips;
  if (first !== undefined && clips.every((clip) => isAligned(first, clip))) return ok(clips);
  return refuse('clip.mismatched', 'clips refused: layers differ in rate, length or key frames');
};

const isAligned = (a: EncodedClip, b: EncodedClip): boolean =>
  a.codec === b.codec &&
  a.clockRate === b.clockRate &&
  a.frameTicks === b.frameTicks &&
  a.frames.length === b.frames.length &&
  a.frames.every((frame, at) => frame.keyFrame === b.frames[at]?.keyFrame);
