import type { Bytes } from '../base/bytes.ts';
import type { FrameCodec } from './clear.ts';

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
  /** No payload descriptor of the codec, or it runs over the payload's end. */
  | 'descriptor-malformed'
  /** The frame's first packet ends before its clear bytes and a seal's header and tag could. */
  | 'too-short'
  /** Where the SFrame header must be there is something else. */
  | 'header-malformed';

export const readSealedPacket = (_packet: Bytes, _codec: FrameCodec): SealedPacket => ({
  kind: 'continuation',
});
