import type { ParticipantId } from '../../../base/ids.ts';
import { mediaKindOf, type Source } from '../../../base/media.ts';
import { ok, type Result } from '../../../base/result.ts';
import type { MediaKind, RtpCodec, RtpParameters } from '../../../base/rtp.ts';
import { FRAME_CODECS, type FrameCodec } from '../../../framing/clear.ts';
import { MAX_ENCODINGS } from '../limits.ts';
import { codec as codecRefusal, invalid } from './refusals.ts';

const KIND_OF_CODEC: Readonly<Record<FrameCodec, MediaKind>> = { opus: 'audio', vp8: 'video', vp9: 'video' };
/** VP9 has its layers within one stream (SVC); mediasoup forwards simulcast of VP8 only. */
const ENCODINGS_OF_CODEC: Readonly<Record<FrameCodec, number>> = { opus: 1, vp8: MAX_ENCODINGS, vp9: 1 };

const isRtx = ({ mimeType }: RtpCodec): boolean => mimeType.toLowerCase() === 'video/rtx';

const frameCodecOf = ({ mimeType }: RtpCodec): FrameCodec | undefined =>
  FRAME_CODECS.find((codec) => mimeType.toLowerCase() === `${KIND_OF_CODEC[codec]}/${codec}`);

/**
 * The codec of a stream that may be produced as `source`: exactly one, beside retransmission, so that the witness
 * knows how to read each packet. Refusals: `media.codec`, `media.invalid`.
 */
export const checkStream = (source: Source, parameters: RtpParameters): Result<FrameCodec> => {
  const [first, ...others] = parameters.codecs.filter((codec) => !isRtx(codec));
  const codec = first && frameCodecOf(first);
  if (codec === undefined || others.length > 0)
    return { ok: false, refusal: codecRefusal('the stream is not in one codec that the relay forwards') };
  if (KIND_OF_CODEC[codec] !== mediaKindOf(source))
    return { ok: false, refusal: invalid(`a ${source} cannot be sent as ${codec}`) };
  const count = parameters.encodings.length;
  if (count < 1 || count > ENCODINGS_OF_CODEC[codec])
    return { ok: false, refusal: invalid(`${codec} has 1 to ${ENCODINGS_OF_CODEC[codec]} encodings`) };
  return ok(codec);
};

/**
 * Names the stream after its owner, whatever the client wrote: mediasoup hands `msid` and `cname` of a producer to its
 * consumers as they are. So audio and video of one person share a stream id (RFC 8830, receivers synchronise them),
 * and nobody can slip a stream into another person's.
 */
export const nameStream = (parameters: RtpParameters, owner: ParticipantId): RtpParameters => ({
  ...parameters,
  msid: owner,
  rtcp: { ...parameters.rtcp, cname: owner },
});
