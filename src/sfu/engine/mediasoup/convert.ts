import type { types } from 'mediasoup';
import type { DtlsParameters, IceCandidate, RtpCapabilities, RtpParameters } from '../../../base/rtp.ts';
import { fmtpOf } from './codecs.ts';

/**
 * The same ORTC forms on both sides. mediasoup's types are mutable and know no explicit `undefined`, so what goes in is
 * a copy without those: nothing that mediasoup does to it is seen outside.
 */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export const toRtpParameters = (ours: RtpParameters): types.RtpParameters =>
  copy(ours) as types.RtpParameters;

export const toRtpCapabilities = (ours: RtpCapabilities): types.RtpCapabilities =>
  copy(ours) as types.RtpCapabilities;

export const toDtlsParameters = (ours: DtlsParameters): types.DtlsParameters =>
  copy(ours) as types.DtlsParameters;

export function fromRtpParameters(theirs: types.RtpParameters): RtpParameters {
  const { mid, codecs, headerExtensions = [], encodings = [], rtcp = {}, msid } = theirs;
  return {
    mid,
    codecs: codecs.map((codec) => ({ ...codec, parameters: fmtpOf(codec.parameters) })),
    headerExtensions: headerExtensions.map(({ uri, id, encrypt }) => ({ uri, id, encrypt })),
    encodings,
    rtcp: { cname: rtcp.cname, reducedSize: rtcp.reducedSize },
    msid,
  };
}

export function fromIceCandidates(theirs: readonly types.IceCandidate[]): IceCandidate[] {
  return theirs.map(({ foundation, priority, address, protocol, port, type, tcpType }) => ({
    foundation,
    priority,
    address,
    protocol,
    port,
    type,
    tcpType,
  }));
}
