import { toBase64Url } from '../../base/bytes.ts';
import type { Clock, RandomBytes } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import { messageOf } from '../../base/errors.ts';
import type { ParticipantId, ProducerId, RoomId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { MediaEvent, MediaReply, MediaRequest, Source } from '../../base/media.ts';
import { makeRedact, type Redact } from '../../base/redact.ts';
import { type Result, refuse } from '../../base/result.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';
import type { Engine, EngineEvent } from '../engine/port.ts';
import { MAX_ROOMS } from './limits.ts';
import { createRunner, type Runner } from './runner.ts';
import { addCounts, NOTHING_SEEN, type WitnessCounts } from './witness.ts';

export interface RoomsParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
}

/** Totals over all rooms; `witness` over those that are closed, too. */
export interface RoomsStats {
  readonly rooms: number;
  readonly participants: number;
  readonly producers: number;
  readonly consumers: number;
  readonly witness: WitnessCounts;
}

/**
 * The media of all meetings, in the shape of signaling's `MediaPlane`. Every promise settles, at the latest when the
 * engine's deadlines have passed.
 */
export interface Rooms {
  /** Idempotent. Refusals: `media.unavailable`, `media.limit`. */
  openRoom(room: RoomId): Promise<Result<RtpCapabilities>>;
  /** Ends the room and everything in it; unknown rooms are fine. */
  closeRoom(room: RoomId): void;
  /** Refusals: `media.unknown` (no such room), `media.unavailable`, `media.already-in`, `media.number-taken`, `media.invalid`, `media.limit`. */
  enter(room: RoomId, participant: ParticipantId, senderNumber: number): Result<undefined>;
  leave(room: RoomId, participant: ParticipantId): void;
  /** What the frames of these participants may carry from now on, in place of what they entered with. */
  expectSenders(room: RoomId, numbers: ReadonlyMap<ParticipantId, readonly number[]>): void;
  /**
   * Refusals: `media.unknown`, `media.unavailable`, `media.limit`, `media.gone`, `media.order`, `media.codec`,
   * `media.invalid`, and the engine's `media.refused`.
   */
  request(room: RoomId, participant: ParticipantId, request: MediaRequest): Promise<Result<MediaReply>>;
  /** Pauses its microphone, if it sends one. */
  mute(room: RoomId, participant: ParticipantId): void;
  /** Closes its streams of these sources, those in the making as well. */
  stop(room: RoomId, participant: ParticipantId, sources: readonly Source[]): void;
  sourceOf(room: RoomId, participant: ParticipantId, producer: ProducerId): Source | undefined;
  onEvent(listener: (room: RoomId, to: ParticipantId, event: MediaEvent) => void): () => void;
  /** The room could not be rebuilt after its worker died: it is over, and its people must be told. */
  onLost(listener: (room: RoomId) => void): () => void;
  stats(): RoomsStats;
  /** What the witness saw in a living room since it was opened; nothing for others. */
  witnessOf(room: RoomId): WitnessCounts;
  /** Closes every room. The engine is its maker's to close. */
  close(): void;
}

interface Told {
  readonly room: RoomId;
  readonly to: ParticipantId;
  readonly event: MediaEvent;
}

/** Random bytes in a room's id seed: enough that ids of different rooms never meet. */
const ID_SEED_BYTES = 16;

export const createRooms = (parts: RoomsParts): Rooms => new RoomTable(parts);

class RoomTable implements Rooms {
  readonly #parts: RoomsParts;
  readonly #redact: Redact;
  readonly #runners = new Map<RoomId, Runner>();
  readonly #told: Emitter<Told>;
  readonly #lost: Emitter<RoomId>;
  readonly #stopListening: () => void;
  #seenInEndedRooms = NOTHING_SEEN;
  #closed = false;

  constructor(parts: RoomsParts) {
    this.#parts = parts;
    this.#redact = makeRedact(toBase64Url(parts.randomBytes(ID_SEED_BYTES)));
    const onListenerError = (error: unknown) =>
      parts.logger.error('room.listener-failed', { message: messageOf(error) });
    this.#told = new Emitter(onListenerError);
    this.#lost = new Emitter(onListenerError);
    this.#stopListening = parts.engine.onEvent((event) => this.#hear(event));
  }

  async openRoom(room: RoomId): Promise<Result<RtpCapabilities>> {
    if (this.#closed) return refuse('media.unavailable', 'this relay is stopping');
    const runner = this.#runners.get(room) ?? this.#start(room);
    return runner ? runner.open() : refuse('media.limit', 'this relay opens no more rooms');
  }

  closeRoom(room: RoomId): void {
    this.#runners.get(room)?.close();
  }

  enter(room: RoomId, participant: ParticipantId, senderNumber: number): Result<undefined> {
    const runner = this.#runners.get(room);
    return runner ? runner.enter(participant, senderNumber) : noSuchRoom();
  }

  expectSenders(room: RoomId, numbers: ReadonlyMap<ParticipantId, readonly number[]>): void {
    this.#runners.get(room)?.expectSenders(numbers);
  }

  leave(room: RoomId, participant: ParticipantId): void {
    this.#runners.get(room)?.leave(participant);
  }

  request(room: RoomId, participant: ParticipantId, request: MediaRequest): Promise<Result<MediaReply>> {
    const runner = this.#runners.get(room);
    return runner ? runner.request(participant, request) : Promise.resolve(noSuchRoom());
  }

  mute(room: RoomId, participant: ParticipantId): void {
    this.#runners.get(room)?.mute(participant);
  }

  stop(room: RoomId, participant: ParticipantId, sources: readonly Source[]): void {
    this.#runners.get(room)?.stop(participant, sources);
  }

  sourceOf(room: RoomId, participant: ParticipantId, producer: ProducerId): Source | undefined {
    return this.#runners.get(room)?.sourceOf(participant, producer);
  }

  onEvent(listener: (room: RoomId, to: ParticipantId, event: MediaEvent) => void): () => void {
    return this.#told.on(({ room, to, event }) => listener(room, to, event));
  }

  onLost(listener: (room: RoomId) => void): () => void {
    return this.#lost.on(listener);
  }

  stats(): RoomsStats {
    const all = [...this.#runners.values()].map((runner) => runner.stats());
    const sum = (key: 'participants' | 'producers' | 'consumers') =>
      all.reduce((total, one) => total + one[key], 0);
    return {
      rooms: all.length,
      participants: sum('participants'),
      producers: sum('producers'),
      consumers: sum('consumers'),
      witness: all.reduce((total, one) => addCounts(total, one.witness), this.#seenInEndedRooms),
    };
  }

  witnessOf(room: RoomId): WitnessCounts {
    return this.#runners.get(room)?.stats().witness ?? NOTHING_SEEN;
  }

  close(): void {
    this.#closed = true;
    for (const runner of [...this.#runners.values()]) runner.close();
    this.#stopListening();
  }

  #start(room: RoomId): Runner | undefined {
    if (this.#runners.size >= MAX_ROOMS) return undefined;
    const { engine, clock, logger, randomBytes } = this.#parts;
    const runner = createRunner(room, toBase64Url(randomBytes(ID_SEED_BYTES)), {
      engine,
      clock,
      logger,
      redact: this.#redact,
      tell: (to, event) => this.#told.emit({ room, to, event }),
      forget: () => this.#forget(room, runner),
      lost: () => this.#lost.emit(room),
    });
    this.#runners.set(room, runner);
    return runner;
  }

  #forget(room: RoomId, runner: Runner | undefined): void {
    if (runner === undefined || this.#runners.get(room) !== runner) return;
    this.#seenInEndedRooms = addCounts(this.#seenInEndedRooms, runner.stats().witness);
    this.#runners.delete(room);
  }

  #hear(event: EngineEvent): void {
    if ('room' in event) this.#runners.get(event.room)?.hear(event);
  }
}

const noSuchRoom = () => refuse('media.unknown', 'there is no such room');
