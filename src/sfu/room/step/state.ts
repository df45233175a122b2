import type {
  ConsumerId,
  ParticipantId,
  ProducerId,
  RoomId,
  TransportId,
  WorkerId,
} from '../../../base/ids.ts';
import type { Direction, Source } from '../../../base/media.ts';
import type { RtpCapabilities } from '../../../base/rtp.ts';
import type { FrameCodec } from '../../../framing/clear.ts';
import type { Ceiling } from '../../policy/view.ts';
import { NOTHING_SEEN, type WitnessCounts } from '../witness.ts';
import type { Pending } from './pending.ts';

/** Names one question from outside (a request, an `openRoom`), which is answered exactly once. */
export type Ask = number;
/** Names one verb whose reply the room waits for. */
export type Call = number;

/** Everything of one room. Never changed in place: a step makes the next one. */
export interface RoomState {
  readonly room: RoomId;
  readonly phase: Phase;
  readonly participants: ReadonlyMap<ParticipantId, Participant>;
  /** Whose each producer is: engine events name the producer alone. */
  readonly owners: ReadonlyMap<ProducerId, ParticipantId>;
  /** What to do with the reply of each verb on its way. Verbs whose reply changes nothing are absent. */
  readonly pending: ReadonlyMap<Call, Pending>;
  readonly nextCall: Call;
  /** When late consumers are asked for again; `undefined` while there are none. */
  readonly consumeAgainAtMs: number | undefined;
  /** Ids are this text, random per room, and a number that only rises: none is ever minted twice. */
  readonly idSeed: string;
  readonly nextId: number;
  readonly witness: WitnessCounts;
}

/** Participants exist in `open`, `reopening` and `waiting` only. */
export type Phase =
  | { readonly kind: 'idle' }
  /** `lost`: a worker died while its answer was on the way; a router on it is dead already. */
  | { readonly kind: 'opening'; readonly openers: readonly Ask[]; readonly lost?: WorkerId }
  | { readonly kind: 'open'; readonly worker: WorkerId; readonly rtpCapabilities: RtpCapabilities }
  | {
      readonly kind: 'reopening';
      readonly openers: readonly Ask[];
      readonly failures: number;
      readonly lost?: WorkerId;
    }
  | { readonly kind: 'waiting'; readonly failures: number; readonly retryAtMs: number }
  | { readonly kind: 'ended' };

export interface Participant {
  readonly participant: ParticipantId;
  /** With which it entered, alone in the room. */
  readonly senderNumber: number;
  /** What its frames may carry now. */
  readonly expected: readonly number[];
  readonly transports: ReadonlyMap<Direction, Transport>;
  /** What it can take, once it asked to receive on its present transport. */
  readonly rtpCapabilities: RtpCapabilities | undefined;
  readonly producers: ReadonlyMap<Source, Producer>;
  /** What it receives, one consumer per producer. */
  readonly consumers: ReadonlyMap<ProducerId, Consumer>;
  /** The layers it asked for, as long as the producer lives. */
  readonly preferred: ReadonlyMap<ProducerId, Ceiling>;
}

export interface Transport {
  readonly transport: TransportId;
  /** The engine has made it and its owner knows its id. */
  readonly ready: boolean;
  readonly connected: boolean;
}

export interface Producer {
  readonly producer: ProducerId;
  readonly source: Source;
  readonly codec: FrameCodec;
  /** The engine has made it and the witness watches it: from now on others may receive it. */
  readonly live: boolean;
  readonly paused: boolean;
  readonly layers: SenderLayers;
}

/** Spatial layers of one simulcast producer, as its owner sends them. */
export interface SenderLayers {
  /** The highest that it can send; 0 where it has one stream, whatever is inside. */
  readonly top: number;
  /** The highest that its owner was told to send. */
  readonly told: number;
  /** Since then nobody needs that many; told once it has held for `LAYER_REST_MS`. */
  readonly lowerAtMs: number | undefined;
}

export interface Consumer {
  readonly consumer: ConsumerId;
  readonly producer: ProducerId;
  /**
   * `refused`: the engine cannot make it; remembered, so that it is not asked again and again. `late`: it did not make
   * it in time, and will be asked at `consumeAgainAtMs`.
   */
  readonly standing: 'making' | 'live' | 'refused' | 'late';
  readonly ceiling: Ceiling;
}

/** `idSeed`: random text of the id alphabet, fresh per room, at most 48 characters. */
export const newRoom = (room: RoomId, idSeed: string): RoomState => ({
  room,
  phase: { kind: 'idle' },
  participants: new Map(),
  owners: new Map(),
  pending: new Map(),
  nextCall: 1,
  consumeAgainAtMs: undefined,
  idSeed,
  nextId: 1,
  witness: NOTHING_SEEN,
});

export const newParticipant = (
  participant: ParticipantId,
  senderNumber: number,
  expected: readonly number[] = [senderNumber],
): Participant => ({
  participant,
  senderNumber,
  expected,
  transports: new Map(),
  rtpCapabilities: undefined,
  producers: new Map(),
  consumers: new Map(),
  preferred: new Map(),
});
