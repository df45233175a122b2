import type { DtlsParameters } from '../../../src/base/rtp.ts';
import type { TransportOffer } from '../../../src/base/media.ts';

/** What the reflector is asked; each is answered once, by the `Answer` of the same kind. */
export type Question =
  | { readonly kind: 'open' }
  | { readonly kind: 'connect'; readonly dtlsParameters: DtlsParameters }
  | { readonly kind: 'send'; readonly perSecond: number; readonly seconds: number };

export type Answer =
  | { readonly kind: 'open'; readonly offer: TransportOffer }
  | { readonly kind: 'connect' }
  /** How many left, of those that were to. */
  | { readonly kind: 'send'; readonly due: number; readonly sent: number };

/** Whose frames they are, and the key of both sides: this is no meeting. */
export const SENDER = 1;
export const BASE_KEY = new Uint8Array(32).fill(9);
/** As in a meeting of 20 who all talk. */
export const STREAMS = 20;
export const PAYLOAD_TYPE = 100;
export const ssrcOf = (stream: number): number => 10_000 + stream;
