import { type Refusal, type Result, refuse } from '../../base/result.ts';

/**
 * `clip.malformed`: not the format, or broken in it. `clip.truncated`: ends inside a record. `clip.too-large`: over a
 * named bound. `clip.unsupported`: a valid file that this project does not send. `clip.mismatched`: files that belong
 * together differ in rate, length or key frames.
 */
export type ClipRefusal = Refusal<
  'clip.malformed' | 'clip.truncated' | 'clip.too-large' | 'clip.unsupported' | 'clip.mismatched'
>;
export type ClipResult<T> = Result<T, ClipRefusal>;

/** 16 MiB: minutes of any clip worth committing; a larger file is a mistake and would only fill memory. */
export const MAX_CLIP_BYTES = 16 * 1024 * 1024;
/** 20 minutes of 20 ms frames; bounds the list that a file of empty records could make. */
export const MAX_CLIP_FRAMES = 60_000;

export const tooLarge = (what: string) => refuse('clip.too-large', `clip refused: ${what}`);
export const malformed = (what: string) => refuse('clip.malformed', `clip refused: ${what}`);
export const truncated = (what: string) => refuse('clip.truncated', `clip refused: ends inside ${what}`);
export const unsupported = (what: string) => refuse('clip.unsupported', `clip refused: ${what}`);
