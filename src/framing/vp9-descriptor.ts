import type { Bytes } from '../base/bytes.ts';
import type { Descriptor } from './descriptor.ts';

const FLAG_PICTURE_ID = 0b1000_0000;
const FLAG_INTER_PREDICTED = 0b0100_0000;
const FLAG_LAYERS = 0b0010_0000;
const FLAG_FLEXIBLE = 0b0001_0000;
const FLAG_FRAME_START = 0b0000_1000;
const FLAG_STRUCTURE = 0b0000_0010;

const FLAG_LONG_PICTURE_ID = 0b1000_0000;
const FLAG_MORE_REFERENCES = 0b0000_0001;
const MAX_REFERENCES = 3;

const STRUCTURE_LAYERS_SHIFT = 5;
const STRUCTURE_RESOLUTIONS = 0b0001_0000;
const STRUCTURE_PICTURE_GROUP = 0b0000_1000;
const RESOLUTION_BYTES = 4;
const GROUP_REFERENCES_SHIFT = 2;
const GROUP_REFERENCES = 0b11;

/** Each step returns where the next field begins; bytes beyond the end read as 0 and the caller checks the sum. */
type Skip = (payload: Bytes, at: number, flags: number) => number;

const skipPictureId: Skip = (payload, at, flags) => {
  if ((flags & FLAG_PICTURE_ID) === 0) return at;
  return at + (((payload[at] ?? 0) & FLAG_LONG_PICTURE_ID) === 0 ? 1 : 2);
};

/** Layer indices, and TL0PICIDX in non-flexible mode. */
const skipLayerIndices: Skip = (_payload, at, flags) => {
  if ((flags & FLAG_LAYERS) === 0) return at;
  return at + ((flags & FLAG_FLEXIBLE) === 0 ? 2 : 1);
};

const skipReferences: Skip = (payload, at, flags) => {
  if ((flags & FLAG_FLEXIBLE) === 0 || (flags & FLAG_INTER_PREDICTED) === 0) return at;
  const last = at + MAX_REFERENCES - 1;
  let reference = at;
  while (reference < last && ((payload[reference] ?? 0) & FLAG_MORE_REFERENCES) !== 0) reference++;
  return reference + 1;
};

/** One byte per picture of the group, each followed by its reference indices. */
const skipPictureGroup = (payload: Bytes, at: number): number => {
  let picture = at + 1;
  for (let left = payload[at] ?? 0; left > 0; left--) {
    picture += 1 + (((payload[picture] ?? 0) >> GROUP_REFERENCES_SHIFT) & GROUP_REFERENCES);
  }
  return picture;
};

const skipStructure: Skip = (payload, at, flags) => {
  if ((flags & FLAG_STRUCTURE) === 0) return at;
  const structure = payload[at] ?? 0;
  const layers = (structure >> STRUCTURE_LAYERS_SHIFT) + 1;
  const resolutions = (structure & STRUCTURE_RESOLUTIONS) === 0 ? 0 : layers * RESOLUTION_BYTES;
  const group = at + 1 + resolutions;
  return (structure & STRUCTURE_PICTURE_GROUP) === 0 ? group : skipPictureGroup(payload, group);
};

const FIELDS: readonly Skip[] = [skipPictureId, skipLayerIndices, skipReferences, skipStructure];

/**
 * RFC 9628 section 4.2. A frame is one spatial layer's: each is sealed by itself. `undefined` where the descriptor runs
 * over the payload's end.
 */
export const vp9Descriptor = (payload: Bytes): Descriptor | undefined => {
  const flags = payload[0];
  if (flags === undefined) return undefined;
  const length = FIELDS.reduce((at, skip) => skip(payload, at, flags), 1);
  return length <= payload.length ? { startsFrame: (flags & FLAG_FRAME_START) !== 0, length } : undefined;
};
