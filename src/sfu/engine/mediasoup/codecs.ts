import type { types } from 'mediasoup';
import type { MediaKind, RtpCapabilities } from '../../../base/rtp.ts';

/**
 * What every room routes; nothing else passes. mediasoup adds RTX for video, NACK, PLI, FIR, transport-cc and REMB.
 * The parameters reach the participants' session descriptions, so they are what encoders obey.
 *
 * Opus (RFC 7587): sizes and gaps of sealed packets would tell when and what somebody speaks, hence constant bitrate
 * and no DTX; in-band FEC repairs single losses without a round trip; 20 ms is the longest frame at which speaker
 * detection in the worker works (it ignores sources with under 10 packets in 250 ms).
 */
export const ROUTER_CODECS: types.RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    parameters: { cbr: 1, usedtx: 0, useinbandfec: 1, ptime: 20, minptime: 20, maxptime: 20 },
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
];

/**
 * Header extensions that a meeting needs: how streams are told apart (RFC 9143, 8852), bandwidth estimation both ways,
 * audio levels (RFC 6464). Others would only tell the relay more.
 */
const HEADER_EXTENSIONS: ReadonlySet<string> = new Set([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
]);

/** A router's capabilities as participants are told them. */
export function offeredCapabilities(router: types.RtpCapabilities): RtpCapabilities {
  const { codecs = [], headerExtensions = [] } = router;
  return {
    codecs: codecs.map((codec) => ({ ...codec, parameters: fmtpOf(codec.parameters) })),
    headerExtensions: headerExtensions.filter(({ uri }) => HEADER_EXTENSIONS.has(uri)),
  };
}

/** mediasoup leaves the values' types open; only text and numbers can stand in a session description. */
export function fmtpOf(parameters: Record<string, unknown> = {}): Record<string, string | number> {
  const out: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(parameters))
    if (typeof value === 'string' || typeof value === 'number') out[key] = value;
  return out;
}

/** Header extensions that the worker writes anew each time it sends a packet, retransmissions included. */
const REWRITTEN_EXTENSIONS: ReadonlySet<string> = new Set([
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
]);

/**
 * A receiver's capabilities as they are used for one kind of media. mediasoup has no RTX for audio: it sends a lost
 * packet again under its own sequence number, hence under the same AES-GCM nonce (RFC 7714, section 8.1). That is
 * harmless only while the packet is the same byte for byte; a rewritten extension would give the hop's authentication key
 * away. So audio goes without those; the price is that bandwidth estimation sees video alone.
 */
export function receiverCapabilities(kind: MediaKind, theirs: types.RtpCapabilities): types.RtpCapabilities {
  const { headerExtensions = [] } = theirs;
  if (kind === 'video') return theirs;
  return {
    ...theirs,
    headerExtensions: headerExtensions.filter(({ uri }) => !REWRITTEN_EXTENSIONS.has(uri)),
  };
}

/**
 * What the consumer inside the relay says that it can do: every codec, but no feedback, retransmission or extension.
 * With transport-cc and nobody who answers it, the worker would keep a growing history of what it sent.
 */
export function witnessCapabilities(router: types.RtpCapabilities): types.RtpCapabilities {
  const media = (router.codecs ?? []).filter(({ mimeType }) => !mimeType.endsWith('/rtx'));
  return { codecs: media.map((codec) => ({ ...codec, rtcpFeedback: [] })), headerExtensions: [] };
}
