import type { ConsumerId, ParticipantId, ProducerId, TransportId } from './ids.ts';
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
} from './rtp.ts';

/** What a stream shows; one live producer of each per participant. */
export const SOURCES = ['microphone', 'camera', 'screen', 'screen-audio'] as const;
export type Source = (typeof SOURCES)[number];

export const mediaKindOf = (source: Source): MediaKind =>
  source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video';

/** From the participant's view. Two transports each, so that a transform never meets a sendrecv transceiver. */
export type Direction = 'send' | 'receive';

/**
 * The public number of one join, 0 to 2^20 - 1, which every sealed frame carries inside its key id. Receivers find the
 * sender's key by it, and the relay's witness checks it without any key.
 */
export const SENDER_NUMBER_BITS = 20;

/** What a participant asks of the media plane. Each is answered once, by the `MediaReply` named in its comment. */
export type MediaRequest =
  /** Answered by `transport`. */
  | { readonly kind: 'create-transport'; readonly direction: Direction }
  /** Answered by `done`. */
  | {
      readonly kind: 'connect-transport';
      readonly transport: TransportId;
      readonly dtlsParameters: DtlsParameters;
    }
  /** Answered by `ice`. */
  | { readonly kind: 'restart-ice'; readonly transport: TransportId }
  /** Answered by `producer`. */
  | {
      readonly kind: 'produce';
      readonly transport: TransportId;
      readonly source: Source;
      readonly rtpParameters: RtpParameters;
      readonly paused: boolean;
    }
  /** These three are answered by `done`. */
  | { readonly kind: 'pause-producer'; readonly producer: ProducerId }
  | { readonly kind: 'resume-producer'; readonly producer: ProducerId }
  | { readonly kind: 'close-producer'; readonly producer: ProducerId }
  /** From now on the room sends this participant consumers, on this transport. Answered by `done`. */
  | { readonly kind: 'receive'; readonly transport: TransportId; readonly rtpCapabilities: RtpCapabilities }
  /** Consumers are made paused; the participant resumes each once it can take its packets. Answered by `done`. */
  | { readonly kind: 'resume-consumer'; readonly consumer: ConsumerId }
  | { readonly kind: 'pause-consumer'; readonly consumer: ConsumerId }
  /** The highest layers that this participant wants. Answered by `done`. */
  | {
      readonly kind: 'prefer-layers';
      readonly consumer: ConsumerId;
      readonly spatialLayer: number;
      readonly temporalLayer?: number | undefined;
    }
  | { readonly kind: 'request-key-frame'; readonly consumer: ConsumerId };

export interface TransportOffer {
  readonly transport: TransportId;
  readonly iceParameters: IceParameters;
  readonly iceCandidates: readonly IceCandidate[];
  readonly dtlsParameters: DtlsParameters;
  /** The deployment's own TURN server, where it has one. Signaling adds it: the media side knows of none. */
  readonly iceServers?: readonly IceServer[] | undefined;
}

/** In the form of W3C's RTCIceServer. Its URLs are those of base/turn-url.ts: addresses, never names. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

export type MediaReply =
  | ({ readonly kind: 'transport' } & TransportOffer)
  | { readonly kind: 'ice'; readonly iceParameters: IceParameters }
  | { readonly kind: 'producer'; readonly producer: ProducerId }
  | { readonly kind: 'done' };

/** What the media plane tells one participant without being asked. */
export type MediaEvent =
  | {
      readonly kind: 'consumer-added';
      readonly consumer: ConsumerId;
      readonly producer: ProducerId;
      /** Whose stream it is, by the relay's word alone: clients check it against the sender number inside each frame. */
      readonly participant: ParticipantId;
      readonly source: Source;
      readonly rtpParameters: RtpParameters;
      readonly producerPaused: boolean;
    }
  | { readonly kind: 'consumer-removed'; readonly consumer: ConsumerId }
  | { readonly kind: 'consumer-paused'; readonly consumer: ConsumerId }
  | { readonly kind: 'consumer-resumed'; readonly consumer: ConsumerId }
  /** The layers that the relay forwards now; `undefined` while none. */
  | {
      readonly kind: 'layers-changed';
      readonly consumer: ConsumerId;
      readonly spatialLayer?: number | undefined;
      readonly temporalLayer?: number | undefined;
    }
  /**
   * The highest spatial layer of this participant's own producer that anybody is to receive: those above it may rest.
   * Until it is first told, all are needed.
   */
  | { readonly kind: 'layers-needed'; readonly producer: ProducerId; readonly spatialLayer: number }
  /**
   * The relay closed this participant's own producer. `in-clear`: a frame was not sealed. `wrong-sender`: it carried no number of
   * this participant, as most frames look that are not sealed.
   */
  | {
      readonly kind: 'producer-removed';
      readonly producer: ProducerId;
      readonly why: 'room-rebuilt' | 'in-clear' | 'wrong-sender' | 'stopped';
    }
  /** The room was rebuilt on another worker: every transport, producer and consumer is gone; connect and produce anew. */
  | { readonly kind: 'media-reset'; readonly rtpCapabilities: RtpCapabilities };
