import type { Bytes } from '../base/bytes.ts';
import { clearLength, type FrameCodec } from './clear.ts';
import type { Descriptor } from './descriptor.ts';
import { rtpPayload } from './rtp-payload.ts';
import { parseHeader } from './sframe-header.ts';
import { vp8Descriptor } from './vp8-descriptor.ts';
import { vp9Descriptor } from './vp9-descriptor.ts';

/** What one RTP packet shows to somebody without keys. */
export type SealedPacket =
  /** The first packet of a frame, with a well-formed SFrame header where one must be. */
  | { readonly kind: 'frame-start'; readonly kid: bigint; readonly ctr: bigint }
  | { readonly kind: 'continuation' }
  /** Padding alone: a bandwidth probe. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'not-sealed'; readonly why: NotSealed };

export type NotSealed =
  /** Not RTP, or its lengths contradict the packet's. */
  | 'rtp-malformed'
  /** The payload descriptor of the codec runs over the payload's end. */
  | 'descriptor-malformed'
  /** The frame's first packet ends before its clear bytes do. */
  | 'too-short'
  /** After the clear bytes comes no SFrame header. */
  | 'header-malformed';

/** Opus packets are whole frames and have no descriptor (RFC 7587 section 4.2). */
const opusDescriptor = (): Descriptor => ({ startsFrame: true, length: 0 });

const DESCRIPTORS: { readonly [Codec in FrameCodec]: (payload: Bytes) => Descriptor | undefined } = {
  opus: opusDescriptor,
  vp8: vp8Descriptor,
  vp9: vp9Descriptor,
};

const notSealed = (why: NotSealed): SealedPacket => ({ kind: 'not-sealed', why });

/** `start`: a wire frame's first bytes, as many as its first packet held. */
const readFrameStart = (start: Bytes, codec: FrameCodec): SealedPacket => {
  const clear = clearLength(codec, start);
  if (clear === undefined) return notSealed('too-short');
  const header = parseHeader(start, clear);
  if (!header.ok) return notSealed('header-malformed');
  return { kind: 'frame-start', kid: header.value.kid, ctr: header.value.ctr };
};

/**
 * Reads one whole RTP packet of a stream of `codec`. Bytes in clear may look like a header by chance: only the key id's
 * sender number, checked against the sender's, and many frames together are proof (see `splitKid`).
 */
export const readSealedPacket = (packet: Bytes, codec: FrameCodec): SealedPacket => {
  const payload = rtpPayload(packet);
  if (payload === undefined) return notSealed('rtp-malformed');
  if (payload.length === 0) return { kind: 'empty' };
  const descriptor = DESCRIPTORS[codec](payload);
  if (descriptor === undefined) return notSealed('descriptor-malformed');
  if (!descriptor.startsFrame) return { kind: 'continuation' };
  return readFrameStart(payload.subarray(descriptor.length), codec);
};
