import type { RandomBytes } from '../../../base/clock.ts';
import { BelfryError } from '../../../base/errors.ts';
import type { Source } from '../../../base/media.ts';
import type { RtpCapabilities, RtpParameters } from '../../../base/rtp.ts';
import type { FrameKeys, SealingContext } from '../../../e2ee/frame-keys.ts';
import type { EncodedClip } from '../../clips/clip.ts';
import type { EncodedInput } from '../media.ts';
import { isRtx } from '../negotiate/capabilities.ts';
import { extensionIds } from '../negotiate/extensions.ts';
import { sendParameters } from '../negotiate/send-parameters.ts';
import { newSsrc, randomUint32 } from '../random.ts';
import type { HeaderWriter } from './header.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';
import { type PacketSink, SendStream } from './send-stream.ts';

/** More layers than any relay of this project forwards; bounds what one source makes. */
const MAX_LAYERS = 4;

/** What all sources of one participant share. */
export interface SendSide {
  readonly router: RtpCapabilities;
  readonly frameKeys: FrameKeys;
  readonly randomBytes: RandomBytes;
  readonly headers: HeaderWriter;
  readonly sink: PacketSink;
  readonly cname: string;
  readonly msid: string;
  readonly ssrcsInUse: Set<number>;
}

export interface Prepared {
  readonly rtpParameters: RtpParameters;
  start(timing: Pick<OutgoingOptions, 'startMs' | 'unixMsAt' | 'sendRtcp' | 'onSealingRefused'>): Outgoing;
}

/**
 * Everything that a source needs but time: names, streams and fresh sealing contexts, one per layer. Throws
 * `media.codec-unsupported`, `media.malformed` for an input without layers, or the code of the keys' refusal.
 */
export const prepareOutgoing = (
  side: SendSide,
  source: Source,
  input: EncodedInput,
  mid: string,
): Prepared => {
  const clip = firstClip(input);
  const ssrcs = input.layers.map(() => ({
    media: newSsrc(side.randomBytes, side.ssrcsInUse),
    rtx: newSsrc(side.randomBytes, side.ssrcsInUse),
  }));
  const ids = { mid, cname: side.cname, msid: side.msid, ssrcs };
  const rtpParameters = sendParameters(side.router, source, clip.codec, ids);
  const contexts = input.layers.map(() => newContext(side.frameKeys, source, clip));
  const streams = makeStreams(side, rtpParameters, mid);
  const firstTimestamps = input.layers.map(() => randomUint32(side.randomBytes));
  const firstPictureId = randomUint32(side.randomBytes) & 0x7fff;
  const { cname } = side;
  const fixed = { source, input, clip, contexts, streams, firstTimestamps, firstPictureId, cname };
  return { rtpParameters, start: (timing) => new Outgoing({ ...fixed, ...timing }) };
};

const firstClip = ({ layers }: EncodedInput): EncodedClip => {
  const [clip] = layers;
  if (clip !== undefined && layers.length <= MAX_LAYERS) return clip;
  throw new BelfryError('media.malformed', `a source has 1 to ${MAX_LAYERS} layers, not ${layers.length}`);
};

const newContext = (frameKeys: FrameKeys, source: Source, { codec }: EncodedClip): SealingContext => {
  const context = frameKeys.newSealingContext(source, codec);
  if (!context.ok) throw BelfryError.from(context.refusal);
  return context.value;
};

const makeStreams = (side: SendSide, parameters: RtpParameters, mid: string): readonly SendStream[] => {
  const media = parameters.codecs.find(({ mimeType }) => !isRtx(mimeType));
  const rtx = parameters.codecs.find(({ mimeType }) => isRtx(mimeType));
  return parameters.encodings.map(
    (encoding) =>
      new SendStream({
        ssrc: encoding.ssrc ?? 0,
        payloadType: media?.payloadType ?? 0,
        rtx: rtx && encoding.rtx && { ssrc: encoding.rtx.ssrc, payloadType: rtx.payloadType },
        firstSequence: randomUint32(side.randomBytes),
        mid: Buffer.from(mid),
        extensions: extensionIds(parameters.headerExtensions),
        headers: side.headers,
        sink: side.sink,
      }),
  );
};
