import type { types } from 'mediasoup-client';
import { BelfryError } from '../../base/errors.ts';
import type { TransportOffer } from '../../base/media.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters } from '../../base/rtp.ts';
import { FRAME_CODECS, type FrameCodec } from '../../framing/clear.ts';

/**
 * The same ORTC forms on both sides. mediasoup-client's types are mutable and know no explicit `undefined`, so what goes
 * in is a copy without those.
 */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export const toRtpCapabilities = (ours: RtpCapabilities): types.RtpCapabilities =>
  copy(ours) as types.RtpCapabilities;

export const toRtpParameters = (ours: RtpParameters): types.RtpParameters =>
  copy(ours) as types.RtpParameters;

export const toIceParameters = (ours: IceParameters): types.IceParameters =>
  copy(ours) as types.IceParameters;

export const toTransportOptions = (offer: TransportOffer): types.TransportOptions => ({
  id: offer.transport,
  iceParameters: toIceParameters(offer.iceParameters),
  iceCandidates: offer.iceCandidates.map((candidate) => ({
    ...copy(candidate),
    ip: candidate.address,
  })) as types.IceCandidate[],
  dtlsParameters: copy(offer.dtlsParameters) as types.DtlsParameters,
  iceServers: copy(offer.iceServers ?? []) as RTCIceServer[],
});

export const fromRtpCapabilities = (theirs: types.RtpCapabilities): RtpCapabilities =>
  copy({ codecs: theirs.codecs ?? [], headerExtensions: theirs.headerExtensions ?? [] }) as RtpCapabilities;

export const fromRtpParameters = (theirs: types.RtpParameters): RtpParameters =>
  copy({ headerExtensions: [], encodings: [], rtcp: {}, ...theirs }) as RtpParameters;

export const fromDtlsParameters = (theirs: types.DtlsParameters): DtlsParameters =>
  copy(theirs) as DtlsParameters;

/** The codec that the frames of a stream are in. Throws `media.codec-unsupported` for one that cannot be sealed. */
export const frameCodecOf = ({ codecs }: Pick<RtpParameters, 'codecs'>): FrameCodec => {
  const names = codecs.map(({ mimeType }) => mimeType.toLowerCase().split('/')[1]);
  const codec = FRAME_CODECS.find((name) => names.includes(name));
  if (codec === undefined) throw new BelfryError('media.codec-unsupported', 'no codec that can be sealed');
  return codec;
};
