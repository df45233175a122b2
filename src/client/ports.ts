import type { ConsumerId, ProducerId } from '../base/ids.ts';
import type { Direction, Source, TransportOffer } from '../base/media.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, RtpParameters } from '../base/rtp.ts';
import type { StreamSender } from '../e2ee/frame-keys.ts';

/**
 * What the SDK needs from an RTP stack. `Input` is what a source is made of (a track in browsers, an encoded clip in
 * Node), `Output` what a receiver gets. The adapter seals before packetization and opens after depacketization with
 * the `FrameKeys` it was made with: no caller of this port ever sees a sealed frame, and none can switch sealing off.
 */
export interface MediaPort<Input, Output> {
  /** What this client can receive of what the relay routes. First call, and again after `reset`. */
  load(router: RtpCapabilities): Promise<RtpCapabilities>;
  /** `connect` is called once, when the local DTLS parameters are known; the transport is not used before it settled. */
  openTransport(
    direction: Direction,
    offer: TransportOffer,
    connect: (dtlsParameters: DtlsParameters) => Promise<void>,
  ): Promise<void>;
  restartIce(direction: Direction, iceParameters: IceParameters): Promise<void>;
  /** Each call takes fresh sealing contexts. Media flows once `announce` settled. One live producer per source. */
  produce(
    stream: { readonly source: Source; readonly input: Input },
    announce: (rtpParameters: RtpParameters) => Promise<ProducerId>,
  ): Promise<void>;
  /** Of a live producer: whether it sends, and which of its layers. Resumed ones start with a key frame. */
  setSending(source: Source, limits: SendLimits): void;
  stopProducing(source: Source): void;
  consume(stream: IncomingStream): Promise<Output>;
  stopConsuming(consumer: ConsumerId): void;
  /** Drops every transport, producer and consumer; `load` starts anew. Also the way to close. */
  reset(): void;
  onEvent(listener: (event: MediaPortEvent) => void): () => void;
}

/** How much of a source leaves. */
export interface SendLimits {
  readonly paused: boolean;
  /** Spatial layers above it rest, where each is a stream of its own (simulcast). */
  readonly topLayer: number;
}

/** No codec that the relay routes has more layers than this. */
export const TOP_LAYER = 7;

export interface IncomingStream {
  readonly consumer: ConsumerId;
  readonly source: Source;
  /** Of the roster entry that this client verified: frames of anybody else are refused. */
  readonly sender: StreamSender;
  readonly rtpParameters: RtpParameters;
}

export type MediaPortEvent =
  | {
      readonly kind: 'transport-state';
      readonly direction: Direction;
      readonly state: 'connecting' | 'connected' | 'disconnected' | 'failed';
    }
  /** `code` as in e2ee/frame-keys. The frame was dropped; nothing else changed. */
  | { readonly kind: 'frame-refused'; readonly consumer: ConsumerId; readonly code: string }
  /** Sealing failed (`code`): the source was stopped before anything left. */
  | { readonly kind: 'sealing-failed'; readonly source: Source; readonly code: string }
  /** What seals and opens is gone for good (`code`): this port neither sends nor plays anything any more. */
  | { readonly kind: 'failed'; readonly code: string };
