import type { Bytes } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import type { EncodedClip, EncodedFrame } from './clip.ts';
import {
  type ClipResult,
  MAX_CLIP_BYTES,
  MAX_CLIP_FRAMES,
  malformed,
  tooLarge,
  truncated,
  unsupported,
} from './refusal.ts';

const FILE_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 12;
const VIDEO_CLOCK_RATE = 90_000;

const viewOf = (bytes: Bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const asciiAt = (bytes: Bytes, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** RFC 6386 section 9.1: the low bit of the first byte is 0 in key frames. */
export const isVp8KeyFrame = (frame: Bytes): boolean => ((frame[0] ?? 1) & 1) === 0;

/** A VP8 clip of an IVF file (little-endian: 32-byte header, then size, timestamp and bytes of each frame). */
export const readIvf = (file: Bytes): ClipResult<EncodedClip> => {
  if (file.length > MAX_CLIP_BYTES) return tooLarge('more than 16 MiB');
  if (file.length < FILE_HEADER_BYTES) return truncated('the IVF header');
  if (asciiAt(file, 0) !== 'DKIF') return malformed('not an IVF file');
  if (asciiAt(file, 8) !== 'VP80') return unsupported('an IVF file of another codec than VP8');
  const frameTicks = frameTicksOf(viewOf(file));
  if (!Number.isSafeInteger(frameTicks) || frameTicks < 1) return unsupported('an uneven frame rate');
  const frames = readFrames(file, viewOf(file).getUint16(6, true));
  if (!frames.ok) return frames;
  return ok({ codec: 'vp8', clockRate: VIDEO_CLOCK_RATE, frameTicks, frames: frames.value });
};

const frameTicksOf = (view: DataView): number =>
  (VIDEO_CLOCK_RATE * view.getUint32(20, true)) / view.getUint32(16, true);

const readFrames = (file: Bytes, start: number): ClipResult<readonly EncodedFrame[]> => {
  const frames: EncodedFrame[] = [];
  if (start < FILE_HEADER_BYTES) return malformed('IVF header of a wrong length');
  for (let at = start; at < file.length; ) {
    if (at + FRAME_HEADER_BYTES > file.length) return truncated('a frame header');
    const end = at + FRAME_HEADER_BYTES + viewOf(file).getUint32(at, true);
    if (end > file.length) return truncated('a frame');
    if (frames.length === MAX_CLIP_FRAMES) return tooLarge(`more than ${MAX_CLIP_FRAMES} frames`);
    const bytes = file.subarray(at + FRAME_HEADER_BYTES, end);
    if (bytes.length === 0) return malformed('an empty frame');
    frames.push({ bytes, keyFrame: isVp8KeyFrame(bytes) });
    at = end;
  }
  return frames[0]?.keyFrame === true ? ok(frames) : malformed('no key frame at the start');
};
