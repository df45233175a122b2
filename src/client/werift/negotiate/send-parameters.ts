import { BelfryError } from '../../../base/errors.ts';
import { mediaKindOf, type Source } from '../../../base/media.ts';
import type {
  MediaKind,
  RtpCapabilities,
  RtpCodec,
  RtpCodecCapability,
  RtpEncoding,
  RtpParameters,
} from '../../../base/rtp.ts';
import type { FrameCodec } from '../../../framing/clear.ts';
import { aptOf, isRtx, usableCodecs } from './capabilities.ts';
import { SENT_EXTENSIONS } from './extensions.ts';

export interface StreamIds {
  readonly mid: string;
  readonly cname: string;
  /** MediaStream id: one per participant, so that its audio and video belong together. */
  readonly msid: string;
  /** One per layer, lowest first. */
  readonly ssrcs: readonly { readonly media: number; readonly rtx: number }[];
}

/** What is packetized here; VP9 is received only. */
const SENT_TYPES: ReadonlySet<string> = new Set(['audio/opus', 'video/vp8']);

/**
 * What a source announces, in the relay's own payload types and extension ids. Throws `media.codec-unsupported` where
 * the relay does not route the codec.
 */
export const sendParameters = (
  router: RtpCapabilities,
  source: Source,
  codec: FrameCodec,
  ids: StreamIds,
): RtpParameters => {
  const kind = mediaKindOf(source);
  const codecs = usableCodecs(router);
  const type = `${kind}/${codec}`;
  const media = SENT_TYPES.has(type) ? codecs.find((one) => one.mimeType.toLowerCase() === type) : undefined;
  if (media === undefined) {
    throw new BelfryError('media.codec-unsupported', `the relay routes no ${codec} for ${source}`);
  }
  const rtx = codecs.find((one) => isRtx(one.mimeType) && aptOf(one) === media.preferredPayloadType);
  return {
    mid: ids.mid,
    codecs: [media, ...(rtx ? [rtx] : [])].map(toCodec),
    headerExtensions: sentExtensions(router, kind),
    encodings: ids.ssrcs.map((ssrc) => toEncoding(ssrc, rtx !== undefined)),
    rtcp: { cname: ids.cname, reducedSize: true },
    msid: ids.msid,
  };
};

const toCodec = ({ kind: _, preferredPayloadType, ...codec }: RtpCodecCapability): RtpCodec => ({
  ...codec,
  payloadType: preferredPayloadType,
});

const toEncoding = ({ media, rtx }: { media: number; rtx: number }, withRtx: boolean): RtpEncoding => ({
  ssrc: media,
  dtx: false,
  ...(withRtx && { rtx: { ssrc: rtx } }),
});

const sentExtensions = ({ headerExtensions }: RtpCapabilities, kind: MediaKind) =>
  headerExtensions
    .filter((one) => one.kind === kind && SENT_EXTENSIONS.includes(one.uri) && one.direction !== 'sendonly')
    .map(({ uri, preferredId }) => ({ uri, id: preferredId }));
