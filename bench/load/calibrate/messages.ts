import type { TransportOffer } from '../../../src/base/media.ts';
import type { DtlsParameters } from '../../../src/base/rtp.ts';

/** What the reflector is asked; each is answered once, by the `Answer` of the same kind. */
export type Question =
  | { readonly kind: 'open'; readonly participant: number }
  | { readonly kind: 'connect'; readonly participant: number; readonly dtlsParameters: DtlsParameters }
  | { readonly kind: 'send'; readonly perSecond: number; readonly seconds: number };

export type Answer =
  | { readonly kind: 'open'; readonly offer: TransportOffer }
  | { readonly kind: 'connect' }
  /** How many left, of those that were to, and how late (p99): one that catches up sends all, in bursts that cost less to take. */
  | { readonly kind: 'send'; readonly due: number; readonly sent: number; readonly sentLateMs: number };

/** Whose frames they are, and the key of both sides: this is no meeting. */
export const SENDER = 1;
export const BASE_KEY = new Uint8Array(32).fill(9);
/**
 * Each with a socket of its own, as in a run. On one socket, or in bursts, a wake-up brings many packets, and each seems to cost
 * a quarter of what it costs a participant.
 */
export const PARTICIPANTS = 20;
export const STREAMS = 2;
export const PAYLOAD_TYPE = 100;
export const ssrcOf = (stream: number): number => 10_000 + stream;
