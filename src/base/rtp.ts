/**
 * RTP, ICE and DTLS descriptions as they pass between client and relay: the ORTC form that mediasoup speaks
 * (RFC 8825 and friends; no SDP crosses the wire). Data only.
 */
export type MediaKind = 'audio' | 'video';

export interface RtcpFeedback {
  readonly type: string;
  readonly parameter?: string | undefined;
}

export type FmtpParameters = Readonly<Record<string, string | number>>;

export interface RtpCodec {
  readonly mimeType: string;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels?: number | undefined;
  readonly parameters?: FmtpParameters | undefined;
  readonly rtcpFeedback?: readonly RtcpFeedback[] | undefined;
}

export interface RtpHeaderExtension {
  readonly uri: string;
  readonly id: number;
  readonly encrypt?: boolean | undefined;
}

/** One stream of a producer: a simulcast layer has one each, an SVC or audio stream one in all. */
export interface RtpEncoding {
  readonly ssrc?: number | undefined;
  readonly rid?: string | undefined;
  readonly rtx?: { readonly ssrc: number } | undefined;
  readonly scalabilityMode?: string | undefined;
  readonly maxBitrate?: number | undefined;
  readonly dtx?: boolean | undefined;
}

export interface RtpParameters {
  readonly mid?: string | undefined;
  readonly codecs: readonly RtpCodec[];
  readonly headerExtensions: readonly RtpHeaderExtension[];
  readonly encodings: readonly RtpEncoding[];
  readonly rtcp: { readonly cname?: string | undefined; readonly reducedSize?: boolean | undefined };
  /** The MediaStream id: audio and video of one person share it, so that receivers synchronise them. */
  readonly msid?: string | undefined;
}

export interface RtpCodecCapability {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly preferredPayloadType: number;
  readonly clockRate: number;
  readonly channels?: number | undefined;
  readonly parameters?: FmtpParameters | undefined;
  readonly rtcpFeedback?: readonly RtcpFeedback[] | undefined;
}

export interface RtpHeaderExtensionCapability {
  readonly kind: MediaKind;
  readonly uri: string;
  readonly preferredId: number;
  readonly preferredEncrypt?: boolean | undefined;
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | undefined;
}

export interface RtpCapabilities {
  readonly codecs: readonly RtpCodecCapability[];
  readonly headerExtensions: readonly RtpHeaderExtensionCapability[];
}

export interface IceParameters {
  readonly usernameFragment: string;
  readonly password: string;
  readonly iceLite?: boolean | undefined;
}

export interface IceCandidate {
  readonly foundation: string;
  readonly priority: number;
  readonly address: string;
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay';
  readonly tcpType?: 'passive' | undefined;
}

export interface DtlsFingerprint {
  readonly algorithm: 'sha-1' | 'sha-224' | 'sha-256' | 'sha-384' | 'sha-512';
  readonly value: string;
}

export interface DtlsParameters {
  readonly role?: 'auto' | 'client' | 'server' | undefined;
  readonly fingerprints: readonly DtlsFingerprint[];
}
