import { vp9Descriptor } from '../../../framing/vp9-descriptor.ts';

/** RFC 9628 section 4.2, in the first byte of the descriptor. */
const FLAG_INTER_PREDICTED = 0b0100_0000;
const FLAG_FRAME_END = 0b0000_0100;

export interface Vp9Fragment {
  readonly startsFrame: boolean;
  readonly endsFrame: boolean;
  /** Of a picture that needs no earlier one; its upper layers build on its own lower ones. */
  readonly isOfKeyFrame: boolean;
  readonly bytes: Buffer;
}

/** One RTP payload taken apart: a frame is one spatial layer's. `undefined` where nothing follows its descriptor. */
export const parseVp9 = (payload: Buffer): Vp9Fragment | undefined => {
  const descriptor = vp9Descriptor(payload);
  if (descriptor === undefined || descriptor.length === payload.length) return undefined;
  const flags = payload[0] ?? 0;
  return {
    startsFrame: descriptor.startsFrame,
    endsFrame: (flags & FLAG_FRAME_END) !== 0,
    isOfKeyFrame: (flags & FLAG_INTER_PREDICTED) === 0,
    bytes: payload.subarray(descriptor.length),
  };
};
