import assert from 'node:assert/strict';
import {
  asId,
  type ConsumerId,
  type ParticipantId,
  type ProducerId,
  type RoomId,
  type TransportId,
} from '../../src/base/ids.ts';
import type { Direction, MediaEvent, MediaReply, MediaRequest, Source } from '../../src/base/media.ts';
import { mediaKindOf } from '../../src/base/media.ts';
import { ok, type Result } from '../../src/base/result.ts';
import type { RtpCapabilities } from '../../src/base/rtp.ts';
import type { EngineReply, EngineVerb, EngineVerbKind } from '../../src/sfu/engine/port.ts';
import type { RoomEffect, RoomNotice } from '../../src/sfu/room/step/effect.ts';
import type { RoomEvent, RoomInput } from '../../src/sfu/room/step/input.ts';
import { newRoom, type RoomState } from '../../src/sfu/room/step/state.ts';
import { step } from '../../src/sfu/room/step/step.ts';
import { CAPABILITIES, opus, vp8 } from './room-media.ts';

export const ROOM = asId<RoomId>('room');
export const person = (name: string): ParticipantId => asId<ParticipantId>(name);

interface Waiting {
  readonly call: number;
  readonly verb: EngineVerb;
}
type Outcome = Result<EngineReply>;

/** What an engine that can do everything answers. */
const plausible = (verb: EngineVerb): EngineReply => {
  if (verb.kind === 'open-router')
    return { kind: 'router', worker: asId('w1'), rtpCapabilities: CAPABILITIES };
  if (verb.kind === 'create-transport')
    return {
      kind: 'transport',
      iceParameters: { usernameFragment: 'u', password: 'p' },
      iceCandidates: [],
      dtlsParameters: { fingerprints: [] },
    };
  if (verb.kind === 'restart-ice')
    return { kind: 'ice', iceParameters: { usernameFragment: 'new', password: 'p' } };
  if (verb.kind === 'consume') return { kind: 'consumer', rtpParameters: opus(99), producerPaused: false };
  return { kind: 'done' };
};

/** One room's `step` in the hands of a test, which plays the engine: verbs wait until `settle`, `reply` or `refuse`. */
export class RoomDriver {
  nowMs = 0;
  wakeAtMs: number | undefined;
  state: RoomState = newRoom(ROOM, 'seed');
  /** Every effect so far, in order. */
  readonly effects: RoomEffect[] = [];
  readonly waiting: Waiting[] = [];
  readonly answers = new Map<number, Result<MediaReply>>();
  readonly openings = new Map<number, Result<RtpCapabilities>>();
  #nextAsk = 1;
  #seen = 0;

  feed(input: RoomInput): readonly RoomEffect[] {
    const { state, effects, wakeAtMs } = step(this.state, input, this.nowMs);
    this.state = state;
    this.wakeAtMs = wakeAtMs;
    for (const effect of effects) this.#note(effect);
    return effects;
  }

  open(): number {
    const ask = this.#nextAsk++;
    this.feed({ kind: 'open', ask });
    return ask;
  }

  enter(name: string, senderNumber: number): void {
    this.feed({ kind: 'enter', participant: person(name), senderNumber });
  }

  leave(name: string): void {
    this.feed({ kind: 'leave', participant: person(name) });
  }

  /** The number of the request: `answerTo` tells its answer. */
  ask(name: string, request: MediaRequest): number {
    const ask = this.#nextAsk++;
    this.feed({ kind: 'request', ask, participant: person(name), request });
    return ask;
  }

  hear(event: RoomEvent): void {
    this.feed({ kind: 'event', event });
  }

  advance(durationMs: number): void {
    this.nowMs += durationMs;
    this.feed({ kind: 'tick' });
  }

  /** Answers every waiting verb, and those that follow from it. */
  settle(): void {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift())
      this.feed({ kind: 'reply', call: next.call, result: ok(plausible(next.verb)) });
  }

  /** Answers the first waiting verb of a kind: `outcome`, or what an engine says that can do everything. */
  reply(kind: EngineVerbKind, outcome?: Outcome): void {
    const at = this.waiting.findIndex(({ verb }) => verb.kind === kind);
    const [next] = at < 0 ? [] : this.waiting.splice(at, 1);
    assert.ok(next, `no ${kind} waits`);
    this.feed({ kind: 'reply', call: next.call, result: outcome ?? ok(plausible(next.verb)) });
  }

  refuse(kind: EngineVerbKind, code = 'media.refused'): void {
    this.reply(kind, { ok: false, refusal: { code, message: 'by the test' } });
  }

  answerTo(ask: number): string {
    const result = this.answers.get(ask);
    if (result === undefined) return 'none';
    return result.ok ? result.value.kind : result.refusal.code;
  }

  /** Asks and lets the engine do what it must; the answer's kind or its refusal's code. */
  does(name: string, request: MediaRequest): string {
    const ask = this.ask(name, request);
    this.settle();
    return this.answerTo(ask);
  }

  told(name: string): MediaEvent[] {
    return this.effects.flatMap((one) => (one.kind === 'tell' && one.to === name ? [one.event] : []));
  }

  toldKinds(name: string): string[] {
    return this.told(name).map(({ kind }) => kind);
  }

  notices(): RoomNotice[] {
    return this.effects.flatMap((one) => (one.kind === 'notice' ? [one.notice] : []));
  }

  verbs(): EngineVerb[] {
    return this.effects.flatMap((one) => (one.kind === 'verb' ? [one.verb] : []));
  }

  verbKinds(): EngineVerbKind[] {
    return this.verbs().map(({ kind }) => kind);
  }

  /** The verbs since the last call of this. */
  newVerbKinds(): EngineVerbKind[] {
    const all = this.verbKinds();
    const fresh = all.slice(this.#seen);
    this.#seen = all.length;
    return fresh;
  }

  transport(name: string, direction: Direction): TransportId {
    const id = this.state.participants.get(person(name))?.transports.get(direction)?.transport;
    assert.ok(id, `${name} has no transport to ${direction}`);
    return id;
  }

  producer(name: string, source: Source): ProducerId {
    const id = this.state.participants.get(person(name))?.producers.get(source)?.producer;
    assert.ok(id, `${name} has no ${source}`);
    return id;
  }

  /** The consumer by which one hears or sees the other. */
  consumer(name: string, of: string, source: Source): ConsumerId {
    const held = this.state.participants.get(person(name))?.consumers.get(this.producer(of, source));
    assert.ok(held, `${name} does not receive the ${source} of ${of}`);
    return held.consumer;
  }

  produce(name: string, source: Source, paused = false): string {
    const rtpParameters = mediaKindOf(source) === 'audio' ? opus() : vp8();
    const transport = this.transport(name, 'send');
    return this.does(name, { kind: 'produce', transport, source, rtpParameters, paused });
  }

  receive(name: string, rtpCapabilities = CAPABILITIES): string {
    return this.does(name, { kind: 'receive', transport: this.transport(name, 'receive'), rtpCapabilities });
  }

  /** Enters, makes both transports, receives. */
  join(name: string, senderNumber: number): void {
    this.enter(name, senderNumber);
    for (const direction of ['send', 'receive'] as const)
      assert.equal(this.does(name, { kind: 'create-transport', direction }), 'transport');
    assert.equal(this.receive(name), 'done');
  }

  #note(effect: RoomEffect): void {
    this.effects.push(effect);
    if (effect.kind === 'verb' && effect.call !== undefined)
      this.waiting.push({ call: effect.call, verb: effect.verb });
    if (effect.kind === 'answer') this.#noteOnce(this.answers, effect.ask, effect.result);
    if (effect.kind === 'opened') this.#noteOnce(this.openings, effect.ask, effect.result);
  }

  #noteOnce<T>(answers: Map<number, T>, ask: number, result: T): void {
    assert.ok(!answers.has(ask), `request ${ask} is answered twice`);
    answers.set(ask, result);
  }
}

/** An open room with these people in it, each with transports, receiving; their numbers count from 1000. */
export const roomOf = (...names: string[]): RoomDriver => {
  const driver = new RoomDriver();
  driver.open();
  driver.settle();
  for (const [n, name] of names.entries()) driver.join(name, 1000 + n);
  return driver;
};
