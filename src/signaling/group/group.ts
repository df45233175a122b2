import type { Clock } from '../../base/clock.ts';
import type { MeetingId, ParticipantId, SessionId } from '../../base/ids.ts';
import { ok, type Refusal, type Result } from '../../base/result.ts';
import type { DeliveryEffect } from '../delivery/effects.ts';
import type { DeliveryInput } from '../delivery/inputs.ts';
import { type DeliveryState, newDelivery } from '../delivery/state.ts';
import { step } from '../delivery/step.ts';
import type { AuditSink, MediaPlane } from '../ports.ts';
import type { AnswerCode } from '../protocol/codes.ts';
import type { WireGroupHeard, WireGroupSaid } from '../protocol/group-schemas.ts';
import type { Budget } from './budget.ts';
import { Hall } from './hall.ts';
import { PAST_SENDER_MS, READY_BATCH_MS } from './limits.ts';
import { Naming } from './naming.ts';
import { isRated, Rates } from './rates.ts';
import { ReadyBatch } from './ready-batch.ts';
import { Senders } from './senders.ts';
import { Shelf } from './shelf.ts';
import { addresseesOf, heardOf, inputOf, namedIn, type SaidToDelivery } from './wire.ts';

export interface GroupParts {
  readonly meeting: MeetingId;
  readonly clock: Clock;
  readonly audit: AuditSink;
  readonly media: Pick<MediaPlane, 'expectSenders'>;
  /** What the blobs of all meetings share. */
  readonly budget: Budget;
  readonly tell: (to: readonly SessionId[], heard: WireGroupHeard) => void;
  /** Out of the meeting: the others refused its commits. */
  readonly expel: (participant: ParticipantId) => void;
}

interface Present {
  readonly session: SessionId;
  readonly rates: Rates;
  /** Whether it was given what others call themselves; what comes later it hears. */
  hasHall: boolean;
}

type SaidOf<Kind extends WireGroupSaid['kind']> = Extract<WireGroupSaid, { kind: Kind }>;
type Answer = Result<object>;
type Handlers = {
  readonly [Kind in WireGroupSaid['kind']]: (from: ParticipantId, said: SaidOf<Kind>) => Answer;
};

const DONE: Answer = ok({});
const refusal = (code: AnswerCode, message: string): { ok: false; refusal: Refusal<AnswerCode> } => ({
  ok: false,
  refusal: { code, message },
});
const TOO_OFTEN = refusal('group.too-often', 'said more often than may be');
const NOT_A_MEMBER = refusal('group.not-a-member', 'the group does not hold this participant');
const BLOB_UNKNOWN = refusal('group.blob-unknown', 'it names a blob that is not kept here');
const LEAF_TAKEN = refusal('group.leaf-taken', 'the leaf is another’s in this epoch');

/**
 * The shell around the delivery service of one meeting: what its participants say goes in, in order, and what it wants told goes
 * out. Nothing of it outlives the process: after a restart everybody enters anew, and who speaks of the old group is no member.
 */
export class Group {
  readonly shelf: Shelf;
  readonly #parts: GroupParts;
  readonly #present = new Map<ParticipantId, Present>();
  readonly #senders = new Senders();
  readonly #naming = new Naming();
  readonly #ready = new ReadyBatch();
  readonly #hall = new Hall();
  #state: DeliveryState;
  /** Inputs that arose while another was at work: a session that ends because of what it is told adds one. */
  readonly #inputs: DeliveryInput[] = [];
  #isBusy = false;
  #cancelWake = (): void => {};
  #cancelReady = (): void => {};
  #cancelExpiry: (() => void) | undefined;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#state = newDelivery(parts.clock.nowMs());
    this.shelf = new Shelf(parts.budget);
  }

  seat(participant: ParticipantId, session: SessionId): void {
    this.#present.set(participant, { session, rates: new Rates(this.#nowMs), hasHall: false });
  }

  /** At once: whoever is out must not open the next epoch. */
  leave(participant: ParticipantId): void {
    if (!this.#present.delete(participant)) return;
    this.#senders.leave(participant);
    this.#naming.done(participant);
    this.#ready.forget(participant);
    this.#hall.leave(participant);
    this.#feed({ kind: 'leave', participant });
    this.shelf.leave(participant);
  }

  hear(from: ParticipantId, said: WireGroupSaid): Answer {
    const rates = this.#present.get(from)?.rates;
    if (rates === undefined) return NOT_A_MEMBER;
    if (isRated(said.kind) && !rates.admits(said.kind, 1, this.#nowMs)) return TOO_OFTEN;
    return (this.#handlers[said.kind] as (from: ParticipantId, said: WireGroupSaid) => Answer)(from, said);
  }

  mayFetch(participant: ParticipantId, bytes: number): boolean {
    return this.#present.get(participant)?.rates.admits('fetch', bytes, this.#nowMs) ?? false;
  }

  /** The group's context is another from now on; who has to go has left before. */
  restart(): void {
    this.#feed({ kind: 'restart' });
  }

  /** Forgets blobs that are of no use any more. */
  sweep(): void {
    this.shelf.retain(this.#naming.named(this.#state, this.#nowMs), this.#nowMs);
  }

  end(): void {
    this.#cancelWake();
    this.#cancelReady();
    this.#cancelExpiry?.();
    this.#present.clear();
    this.shelf.clear();
    this.#hall.clear();
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  readonly #handlers: Handlers = {
    enter: (from, said) => this.#deliver(from, said),
    created: (from, said) => this.#deliver(from, said),
    commit: (from, said) => this.#deliver(from, said),
    working: (from, said) => this.#deliver(from, said),
    adopted: (from, said) => this.#deliver(from, said),
    reject: (from, said) => this.#deliver(from, said),
    decline: (from, said) => this.#deliver(from, said),
    renew: (from, said) => this.#deliver(from, said),
    'catch-up': (from, said) => this.#deliver(from, said),
    ready: (from, said) => this.#becomeReady(from, said),
    heartbeat: (from, { statement }) => this.#passOn(from, { kind: 'heartbeat', from, statement }),
    card: (from, { kind: _, ...card }) =>
      this.#passOn(from, { kind: 'cards', cards: [{ participant: from, ...card }] }),
    title: (from, title) => this.#passOn(from, title),
  };

  #deliver(from: ParticipantId, said: SaidToDelivery): Answer {
    if (!namedIn(said).every((blob) => this.shelf.has(blob))) return BLOB_UNKNOWN;
    if (said.kind === 'enter') this.#comes(from);
    this.#feed(inputOf(said, from));
    return DONE;
  }

  /** Told before its Welcome, so that all names are there once they can be read. */
  #comes(participant: ParticipantId): void {
    this.#naming.done(participant);
    const present = this.#present.get(participant);
    if (present === undefined || present.hasHall) return;
    present.hasHall = true;
    for (const heard of this.#hall.all()) this.#tell([participant], heard);
  }

  #becomeReady(from: ParticipantId, said: SaidOf<'ready'>): Answer {
    const { members, generation } = this.#state;
    if (!members.has(from) || said.generation !== generation) return NOT_A_MEMBER;
    const claimed = this.#senders.ready(from, said.leaf, said, this.#nowMs);
    if (claimed.kind === 'refused') return this.#leafTaken(from, claimed.holder);
    if (claimed.kind === 'old') return DONE;
    this.#naming.done(from);
    this.#expect([from]);
    this.#awaitExpiry();
    if (this.#ready.isEmpty)
      this.#cancelReady = this.#parts.clock.after(READY_BATCH_MS, () => this.#tellReady());
    this.#ready.add(from, said);
    return DONE;
  }

  /** One of the two lies, or the relay could not tell whose frames it sees: who came first keeps it, and both are on record. */
  #leafTaken(from: ParticipantId, holder: ParticipantId): Answer {
    const { audit, meeting } = this.#parts;
    const by = this.#present.get(from)?.session;
    if (by === undefined) return NOT_A_MEMBER;
    const rule = 'group.leaf-taken';
    audit.write({ kind: 'decision', meeting, asked: 'leaf', allowed: false, rule, by, on: holder });
    return LEAF_TAKEN;
  }

  #tellReady(): void {
    for (const event of this.#ready.take()) this.#tell([...this.#present.keys()], event);
  }

  /** From who is in the group. */
  #passOn(from: ParticipantId, event: WireGroupHeard): Answer {
    if (!this.#state.members.has(from)) return NOT_A_MEMBER;
    if (event.kind === 'title') this.#hall.keepTitle(event);
    if (event.kind === 'cards') for (const card of event.cards) this.#hall.keepCard(card);
    const others = [...this.#present.keys()].filter((participant) => participant !== from);
    this.#tell(others, event);
    return DONE;
  }

  #feed(input: DeliveryInput): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#isBusy = false;
    }
  }

  /** What the witness takes is set before anybody hears of an epoch: media may be here sooner than words. */
  #step(input: DeliveryInput): void {
    const { state, effects, wakeAtMs } = step(this.#state, input, this.#nowMs);
    const before = this.#state;
    this.#state = state;
    this.#wakeAt(wakeAtMs);
    this.#noteWelcomes(effects);
    if (isOtherEpoch(before, state)) this.#followEpoch(effects);
    if (isOtherNaming(before, state)) this.sweep();
    for (const effect of effects) this.#run(effect);
  }

  #noteWelcomes(effects: readonly DeliveryEffect[]): void {
    for (const { to, welcome, tree } of welcomesIn(effects))
      this.#naming.welcomed(to, [welcome.hash, tree.hash], this.#nowMs);
  }

  #followEpoch(effects: readonly DeliveryEffect[]): void {
    const joined = new Set(welcomesIn(effects).map(({ to }) => to));
    const { members } = this.#state;
    if (this.#senders.moveTo(this.#state, members, joined)) this.#expect(this.#senders.participants);
  }

  #run(effect: DeliveryEffect): void {
    if (effect.kind === 'expel') this.#parts.expel(effect.participant);
    else this.#tell(addresseesOf(effect), heardOf(effect));
  }

  #tell(to: readonly ParticipantId[], heard: WireGroupHeard): void {
    const sessions = to.flatMap((participant) => this.#present.get(participant)?.session ?? []);
    if (sessions.length > 0) this.#parts.tell(sessions, heard);
  }

  #expect(participants: readonly ParticipantId[]): void {
    const nowMs = this.#nowMs;
    const numbers = participants.map((one) => [one, this.#senders.numbersOf(one, nowMs)] as const);
    if (numbers.length > 0) this.#parts.media.expectSenders(this.#parts.meeting, new Map(numbers));
  }

  /** One look for all who became ready in a while. */
  #awaitExpiry(): void {
    if (this.#cancelExpiry !== undefined) return;
    const atMs = this.#senders.nextExpiryMs;
    if (atMs === undefined) return;
    const waitMs = Math.min(PAST_SENDER_MS, Math.max(READY_BATCH_MS, atMs - this.#nowMs));
    this.#cancelExpiry = this.#parts.clock.after(waitMs, () => {
      this.#cancelExpiry = undefined;
      this.#expect(this.#senders.expire(this.#nowMs));
      this.#awaitExpiry();
    });
  }

  #wakeAt(atMs: number | undefined): void {
    this.#cancelWake();
    this.#cancelWake = () => {};
    if (atMs === undefined) return;
    const waitMs = Math.max(0, atMs - this.#nowMs);
    this.#cancelWake = this.#parts.clock.after(waitMs, () => this.#feed({ kind: 'tick' }));
  }
}

/** Whether blobs may be named now that were not before, or no longer. */
const isOtherNaming = (a: DeliveryState, b: DeliveryState): boolean =>
  a.waiting !== b.waiting ||
  a.task !== b.task ||
  a.accepted?.added !== b.accepted?.added ||
  a.history !== b.history;

/** Most of what is said moves nobody: it is not looked at for each of all senders. */
const isOtherEpoch = (a: DeliveryState, b: DeliveryState): boolean =>
  a.epoch !== b.epoch || a.generation !== b.generation || a.members !== b.members;

const welcomesIn = (effects: readonly DeliveryEffect[]) =>
  effects.filter((effect) => effect.kind === 'welcome');
