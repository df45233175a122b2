import { BelfryError } from '../../../src/base/errors.ts';
import { asId, type TransportId } from '../../../src/base/ids.ts';
import type { TransportOffer } from '../../../src/base/media.ts';
import type { DtlsParameters } from '../../../src/base/rtp.ts';

/** Only what janus writes of one stream of video (RFC 8866, RFC 8839). */
const attribute = (sdp: string, pattern: RegExp): string => {
  const found = pattern.exec(sdp)?.[1];
  if (found === undefined) throw new BelfryError('bench.sdp', `the offer lacks ${pattern}`);
  return found.trim();
};

export const offerOf = (sdp: string): TransportOffer => ({
  transport: asId<TransportId>('janus'),
  iceParameters: {
    usernameFragment: attribute(sdp, /^a=ice-ufrag:(.+)$/m),
    password: attribute(sdp, /^a=ice-pwd:(.+)$/m),
  },
  iceCandidates: [
    {
      foundation: '1',
      priority: 1,
      // It names no loopback address; the kernel keeps what goes to an address of its own on loopback all the same.
      address: attribute(sdp, /^a=candidate:\S+ 1 udp \d+ (\d+\.\S+) \d+ typ host/im),
      protocol: 'udp',
      port: Number(attribute(sdp, /^a=candidate:\S+ 1 udp \d+ \d+\.\S+ (\d+) typ host/im)),
      type: 'host',
    },
  ],
  dtlsParameters: {
    role: 'auto',
    fingerprints: [{ algorithm: 'sha-256', value: attribute(sdp, /^a=fingerprint:sha-256 (.+)$/im) }],
  },
});

export interface Answering {
  readonly offer: string;
  readonly port: number;
  readonly usernameFragment: string;
  readonly dtlsParameters: DtlsParameters;
}

/** With which janus makes its checks. */
export const ANSWER_PASSWORD = 'belfrybenchbelfrybenchbelfry';

/** Receives the one video of the offer, without header extensions. */
export const answerTo = ({ offer, port, usernameFragment, dtlsParameters }: Answering): string => {
  const address = offerOf(offer).iceCandidates[0]?.address;
  const type = attribute(offer, /^m=video \d+ \S+ (\d+)/m);
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${attribute(offer, /^a=mid:(.+)$/m)}`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${type}`,
    'c=IN IP4 127.0.0.1',
    `a=mid:${attribute(offer, /^a=mid:(.+)$/m)}`,
    'a=recvonly',
    'a=rtcp-mux',
    `a=rtpmap:${type} VP8/90000`,
    `a=ice-ufrag:${usernameFragment}`,
    `a=ice-pwd:${ANSWER_PASSWORD}`,
    `a=fingerprint:sha-256 ${dtlsParameters.fingerprints[0]?.value}`,
    'a=setup:active',
    `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`,
    'a=end-of-candidates',
    '',
  ].join('\r\n');
};
