import { z } from 'zod';
import type { IceServer } from '../../base/media.ts';
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
} from '../../base/rtp.ts';

/** Schemas of the descriptions in base/rtp.ts, each list and text with its bound. Unknown fields are dropped. */
const payloadType = z.int().min(0).max(127);
const ssrc = z.int().min(0).max(0xffff_ffff);
const extensionId = z.int().min(1).max(255);
const word = z.string().max(64);
const uri = z.string().max(255);
const fmtp = z
  .record(word, z.union([z.string().max(255), z.number()]))
  .refine((parameters) => Object.keys(parameters).length <= 32, 'too many parameters');
const feedback = z.array(z.object({ type: word, parameter: word.optional() })).max(16);
const codecBase = {
  mimeType: word,
  clockRate: z.int().min(1).max(1_000_000),
  channels: z.int().min(1).max(8).optional(),
  parameters: fmtp.optional(),
  rtcpFeedback: feedback.optional(),
};

export const rtpParameters: z.ZodType<RtpParameters> = z.object({
  mid: z.string().max(32).optional(),
  codecs: z
    .array(z.object({ ...codecBase, payloadType }))
    .min(1)
    .max(16),
  headerExtensions: z.array(z.object({ uri, id: extensionId, encrypt: z.boolean().optional() })).max(32),
  encodings: z
    .array(
      z.object({
        ssrc: ssrc.optional(),
        rid: z.string().max(16).optional(),
        rtx: z.object({ ssrc }).optional(),
        scalabilityMode: z.string().max(32).optional(),
        maxBitrate: z.int().min(0).optional(),
        dtx: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(8),
  rtcp: z.object({ cname: z.string().max(64).optional(), reducedSize: z.boolean().optional() }),
  msid: z.string().max(128).optional(),
});

const kind = z.enum(['audio', 'video']);
export const rtpCapabilities: z.ZodType<RtpCapabilities> = z.object({
  codecs: z.array(z.object({ kind, ...codecBase, preferredPayloadType: payloadType })).max(64),
  headerExtensions: z
    .array(
      z.object({
        kind,
        uri,
        preferredId: extensionId,
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64),
});

export const iceParameters: z.ZodType<IceParameters> = z.object({
  usernameFragment: z.string().max(256),
  password: z.string().max(256),
  iceLite: z.boolean().optional(),
});

export const iceCandidate: z.ZodType<IceCandidate> = z.object({
  foundation: z.string().max(64),
  priority: z.int().min(0),
  address: z.string().max(64),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int().min(1).max(65535),
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  tcpType: z.literal('passive').optional(),
});

/** Whether its URLs hold addresses alone is for the client to judge (client/offer.ts): here they are bounded text. */
export const iceServer: z.ZodType<IceServer> = z.object({
  urls: z.array(z.string().max(128)).min(1).max(8),
  username: z.string().max(128),
  credential: z.string().max(128),
});

export const dtlsParameters: z.ZodType<DtlsParameters> = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z
          .string()
          .max(255)
          .regex(/^(?:[0-9A-Fa-f]{2}:)+[0-9A-Fa-f]{2}$/, 'must be pairs of hexadecimal digits with colons'),
      }),
    )
    .min(1)
    .max(8),
});
