import { RTP_EXTENSION_URI } from 'werift';
import type { RtcpFeedback, RtpCapabilities, RtpCodecCapability } from '../../../base/rtp.ts';
import { RECEIVED_EXTENSIONS } from './extensions.ts';

/** What this adapter depacketizes; everything else is left to other clients. It sends what its clips hold: Opus and VP8. */
const MEDIA_TYPES: readonly string[] = ['audio/opus', 'video/vp8', 'video/vp9'];
const FEEDBACK: readonly string[] = ['nack', 'nack pli', 'ccm fir', 'transport-cc'];

const isOfEstimation = ({ type }: RtcpFeedback): boolean => type === 'transport-cc';

/** The same without what the relay's estimate of bandwidth lives on: it then estimates nothing, and keeps no history. */
export const withoutEstimation = ({ codecs, headerExtensions }: RtpCapabilities): RtpCapabilities => ({
  codecs: codecs.map((codec) => ({
    ...codec,
    rtcpFeedback: (codec.rtcpFeedback ?? []).filter((feedback) => !isOfEstimation(feedback)),
  })),
  headerExtensions: headerExtensions.filter(({ uri }) => uri !== RTP_EXTENSION_URI.transportWideCC),
});

/** The part of what the relay routes that this adapter can receive. */
export const receivable = (router: RtpCapabilities): RtpCapabilities => ({
  codecs: usableCodecs(router),
  headerExtensions: router.headerExtensions.filter(
    ({ uri, direction }) => RECEIVED_EXTENSIONS.includes(uri) && direction !== 'recvonly',
  ),
});

/** Opus, VP8 and VP9 with their retransmission codecs, feedback cut down to what is answered. */
export const usableCodecs = (router: RtpCapabilities): readonly RtpCodecCapability[] => {
  const media = router.codecs.filter(({ mimeType }) => MEDIA_TYPES.includes(mimeType.toLowerCase()));
  const types = media.map(({ preferredPayloadType }) => preferredPayloadType);
  const rtx = router.codecs.filter((codec) => isRtx(codec.mimeType) && types.includes(aptOf(codec)));
  return [...media, ...rtx].map((codec) => ({ ...codec, rtcpFeedback: usableFeedback(codec.rtcpFeedback) }));
};

export const isRtx = (mimeType: string): boolean => mimeType.toLowerCase().endsWith('/rtx');

/** RFC 4588 section 8.6: the payload type that a retransmission codec repeats. */
export const aptOf = ({ parameters }: Pick<RtpCodecCapability, 'parameters'>): number =>
  Number(parameters?.apt);

const usableFeedback = (feedback: readonly RtcpFeedback[] = []): readonly RtcpFeedback[] =>
  feedback.filter(({ type, parameter }) => FEEDBACK.includes(parameter ? `${type} ${parameter}` : type));
