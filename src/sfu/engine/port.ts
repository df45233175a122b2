import type { Bytes } from '../../base/bytes.ts';
import type { ConsumerId, ProducerId, RoomId, TransportId, WorkerId } from '../../base/ids.ts';
import type { Direction, Source } from '../../base/media.ts';
import type { Result } from '../../base/result.ts';
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
} from '../../base/rtp.ts';

/**
 * What a room asks of the media engine. Ids are minted by the room, so that its decisions stay pure; the engine maps
 * them to its own. Verbs of one room run in the order in which they were given.
 */
export type EngineVerb =
  /** On the least loaded living worker. Answered by `router`. */
  | { readonly kind: 'open-router'; readonly room: RoomId }
  /** Ends the router and everything on it. Answered by `done`, for unknown rooms too. */
  | { readonly kind: 'close-router'; readonly room: RoomId }
  /** Answered by `transport`. */
  | {
      readonly kind: 'create-transport';
      readonly room: RoomId;
      readonly transport: TransportId;
      readonly direction: Direction;
    }
  | {
      readonly kind: 'connect-transport';
      readonly transport: TransportId;
      readonly dtlsParameters: DtlsParameters;
    }
  /** Answered by `ice`. */
  | { readonly kind: 'restart-ice'; readonly transport: TransportId }
  | { readonly kind: 'close-transport'; readonly transport: TransportId }
  | {
      readonly kind: 'produce';
      readonly transport: TransportId;
      readonly producer: ProducerId;
      readonly source: Source;
      readonly rtpParameters: RtpParameters;
      readonly paused: boolean;
    }
  | { readonly kind: 'pause-producer'; readonly producer: ProducerId }
  | { readonly kind: 'resume-producer'; readonly producer: ProducerId }
  | { readonly kind: 'close-producer'; readonly producer: ProducerId }
  /** Made paused. Answered by `consumer`. */
  | {
      readonly kind: 'consume';
      readonly transport: TransportId;
      readonly consumer: ConsumerId;
      readonly producer: ProducerId;
      readonly rtpCapabilities: RtpCapabilities;
    }
  | { readonly kind: 'resume-consumer'; readonly consumer: ConsumerId }
  | { readonly kind: 'pause-consumer'; readonly consumer: ConsumerId }
  | { readonly kind: 'close-consumer'; readonly consumer: ConsumerId }
  | {
      readonly kind: 'prefer-layers';
      readonly consumer: ConsumerId;
      readonly spatialLayer: number;
      readonly temporalLayer?: number | undefined;
    }
  | { readonly kind: 'request-key-frame'; readonly consumer: ConsumerId }
  /** A consumer inside the relay, without keys: from now on `packet` events carry RTP of this producer. */
  | { readonly kind: 'watch'; readonly room: RoomId; readonly producer: ProducerId };

export type EngineVerbKind = EngineVerb['kind'];

export type EngineReply =
  | { readonly kind: 'router'; readonly worker: WorkerId; readonly rtpCapabilities: RtpCapabilities }
  | {
      readonly kind: 'transport';
      readonly iceParameters: IceParameters;
      readonly iceCandidates: readonly IceCandidate[];
      readonly dtlsParameters: DtlsParameters;
    }
  | { readonly kind: 'ice'; readonly iceParameters: IceParameters }
  | { readonly kind: 'consumer'; readonly rtpParameters: RtpParameters; readonly producerPaused: boolean }
  | { readonly kind: 'done' };

/** What a living or dying engine tells. A room hears of its own things only; `worker-died` goes to the operator. */
export type EngineEvent =
  /** The room's worker is gone and with it the router, every transport, producer and consumer of the room. */
  | { readonly kind: 'router-lost'; readonly room: RoomId; readonly worker: WorkerId }
  | { readonly kind: 'transport-lost'; readonly room: RoomId; readonly transport: TransportId }
  | {
      readonly kind: 'layers-changed';
      readonly room: RoomId;
      readonly consumer: ConsumerId;
      readonly spatialLayer?: number | undefined;
      readonly temporalLayer?: number | undefined;
    }
  /** `packet`: one whole RTP packet as a watched producer's consumer would get it. */
  | { readonly kind: 'packet'; readonly room: RoomId; readonly producer: ProducerId; readonly packet: Bytes }
  | { readonly kind: 'worker-died'; readonly worker: WorkerId; readonly why: WorkerDeath }
  | { readonly kind: 'worker-started'; readonly worker: WorkerId };

/** `crashed`: the process ended. `silent`: it missed two heartbeats (stopped, or hung). */
export type WorkerDeath = 'crashed' | 'silent';

/** One worker as the operator sees it, totals since its start. */
export interface WorkerStats {
  readonly worker: WorkerId;
  readonly alive: boolean;
  readonly routers: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  readonly cpuSeconds: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bitsIn: number;
  readonly bitsOut: number;
  /** Datagrams that the kernel dropped at this worker's shared UDP port because its receive buffer was full. */
  readonly socketDrops: number;
}

export interface Engine {
  /**
   * Settles within the verb's deadline. Refusals: `media.unavailable` (no living worker, or no answer in time),
   * `media.unknown` (an id that does not exist, or no longer), `media.refused` (the engine says no: `message` says why).
   */
  run(verb: EngineVerb): Promise<Result<EngineReply>>;
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** The newest figures, at most one heartbeat old; never waits for a worker. */
  stats(): readonly WorkerStats[];
  /** Ends every worker, within 2 s. */
  close(): Promise<void>;
}
