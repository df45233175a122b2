import type { RtpCapabilities, RtpParameters } from '../../src/base/rtp.ts';
import { FAKE_RTP_CAPABILITIES } from './fake-engine.ts';

export const CAPABILITIES: RtpCapabilities = FAKE_RTP_CAPABILITIES;

const parameters = (mimeType: string, clockRate: number, ssrcs: readonly number[]): RtpParameters => ({
  codecs: [{ mimeType, payloadType: 96, clockRate }],
  headerExtensions: [],
  encodings: ssrcs.map((ssrc) => ({ ssrc })),
  rtcp: { cname: 'chosen-by-the-client' },
  msid: 'chosen-by-the-client',
});

export const opus = (ssrc = 1): RtpParameters => parameters('audio/opus', 48_000, [ssrc]);
export const vp8 = (layers = 3): RtpParameters =>
  parameters(
    'video/VP8',
    90_000,
    Array.from({ length: layers }, (_, n) => 10 + n),
  );
export const vp9 = (layers = 1): RtpParameters => ({ ...vp8(layers), codecs: [codecNamed('video/VP9')] });
export const codecNamed = (mimeType: string) => ({ mimeType, payloadType: 97, clockRate: 90_000 });

export const DTLS = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'AB' }] } as const;
