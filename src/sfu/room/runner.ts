import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ParticipantId, ProducerId, RoomId } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { MediaEvent, MediaReply, MediaRequest, Source } from '../../base/media.ts';
import type { Redact } from '../../base/redact.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { RtpCapabilities } from '../../base/rtp.ts';
import type { Engine, EngineReply, EngineVerb } from '../engine/port.ts';
import { logNotice } from './notices.ts';
import { dispatch, type Table } from './step/dispatch.ts';
import type { RoomEffect } from './step/effect.ts';
import { entryRefusal } from './step/entry.ts';
import type { RoomEvent, RoomInput } from './step/input.ts';
import { type Ask, newRoom, type RoomState } from './step/state.ts';
import { step } from './step/step.ts';
import type { WitnessCounts } from './witness.ts';

export interface RunnerParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redact: Redact;
  readonly tell: (to: ParticipantId, event: MediaEvent) => void;
  /** The room is over; called at once, before anything else is told of its end. */
  readonly forget: () => void;
  readonly lost: () => void;
}

export interface RunnerStats {
  readonly participants: number;
  readonly producers: number;
  readonly consumers: number;
  readonly witness: WitnessCounts;
}

export const createRunner = (room: RoomId, idSeed: string, parts: RunnerParts): Runner =>
  new Runner(newRoom(room, idSeed), parts);

type Settle<T> = (result: Result<T>) => void;

/** Runs one room: feeds its `step`, runs the effects. It decides nothing. */
export class Runner {
  readonly #parts: RunnerParts;
  #state: RoomState;
  #nextAsk: Ask = 1;
  readonly #answers = new Map<Ask, Settle<MediaReply>>();
  readonly #openings = new Map<Ask, Settle<RtpCapabilities>>();
  /** Not bounded by itself: what one step can want, and what listeners ask for while it runs. */
  readonly #effects: RoomEffect[] = [];
  #running = false;
  #cancelWake: () => void = () => {};

  constructor(state: RoomState, parts: RunnerParts) {
    this.#state = state;
    this.#parts = parts;
  }

  open(): Promise<Result<RtpCapabilities>> {
    return this.#asking(this.#openings, (ask) => ({ kind: 'open', ask }));
  }

  request(participant: ParticipantId, request: MediaRequest): Promise<Result<MediaReply>> {
    return this.#asking(this.#answers, (ask) => ({ kind: 'request', ask, participant, request }));
  }

  enter(participant: ParticipantId, senderNumber: number): Result<undefined> {
    const refusal = entryRefusal(this.#state, participant, senderNumber);
    if (refusal !== undefined) return { ok: false, refusal };
    this.#feed({ kind: 'enter', participant, senderNumber });
    return ok(undefined);
  }

  expectSenders(numbers: ReadonlyMap<ParticipantId, readonly number[]>): void {
    this.#feed({ kind: 'expect-senders', numbers });
  }

  leave(participant: ParticipantId): void {
    this.#feed({ kind: 'leave', participant });
  }

  mute(participant: ParticipantId): void {
    this.#feed({ kind: 'mute', participant });
  }

  stop(participant: ParticipantId, sources: readonly Source[]): void {
    this.#feed({ kind: 'stop', participant, sources });
  }

  sourceOf(participant: ParticipantId, producer: ProducerId): Source | undefined {
    const producers = this.#state.participants.get(participant)?.producers.values();
    return producers?.find((one) => one.producer === producer)?.source;
  }

  hear(event: RoomEvent): void {
    this.#feed({ kind: 'event', event });
  }

  close(): void {
    this.#feed({ kind: 'close' });
  }

  stats(): RunnerStats {
    const all = [...this.#state.participants.values()];
    return {
      participants: all.length,
      producers: all.reduce((sum, { producers }) => sum + producers.size, 0),
      consumers: all.reduce((sum, { consumers }) => sum + consumers.size, 0),
      witness: this.#state.witness,
    };
  }

  #asking<T>(waiting: Map<Ask, Settle<T>>, input: (ask: Ask) => RoomInput): Promise<Result<T>> {
    return new Promise((resolve) => {
      const ask = this.#nextAsk++;
      waiting.set(ask, resolve);
      this.#feed(input(ask));
    });
  }

  /** The state moves on at once; effects wait for those before them, also where one of them leads back in here. */
  #feed(input: RoomInput): void {
    const wasOver = this.#state.phase.kind === 'ended';
    const { state, effects, wakeAtMs } = step(this.#state, input, this.#parts.clock.nowMs());
    this.#state = state;
    this.#effects.push(...effects);
    this.#wakeAt(wakeAtMs);
    if (!wasOver && state.phase.kind === 'ended') this.#parts.forget();
    if (!this.#running) this.#drain();
  }

  #drain(): void {
    this.#running = true;
    for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
      dispatch(this.#run, effect);
    this.#running = false;
  }

  readonly #run: Table<RoomEffect, []> = {
    verb: ({ call, verb }) => {
      void this.#ask(verb).then((result) => {
        if (call !== undefined) this.#feed({ kind: 'reply', call, result });
      });
    },
    answer: ({ ask, result }) => settle(this.#answers, ask, result),
    opened: ({ ask, result }) => settle(this.#openings, ask, result),
    tell: ({ to, event }) => this.#parts.tell(to, event),
    notice: ({ notice }) => logNotice(this.#parts.logger, this.#parts.redact, this.#state.room, notice),
    ended: ({ lost }) => {
      if (lost) this.#parts.lost();
    },
  };

  /** The port promises a refusal, not a rejection; a bug behind it must not leave somebody waiting. */
  async #ask(verb: EngineVerb): Promise<Result<EngineReply>> {
    try {
      return await this.#parts.engine.run(verb);
    } catch (error) {
      this.#parts.logger.error('room.verb-failed', { verb: verb.kind, message: messageOf(error) });
      return refuse('media.unavailable', 'the media engine failed', 'try again in a few seconds');
    }
  }

  #wakeAt(atMs: number | undefined): void {
    this.#cancelWake();
    this.#cancelWake = () => {};
    if (atMs === undefined) return;
    const { clock } = this.#parts;
    this.#cancelWake = clock.after(Math.max(0, atMs - clock.nowMs()), () => this.#feed({ kind: 'tick' }));
  }
}

const settle = <T>(waiting: Map<Ask, Settle<T>>, ask: Ask, result: Result<T>): void => {
  waiting.get(ask)?.(result);
  waiting.delete(ask);
};
