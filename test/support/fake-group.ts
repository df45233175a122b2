import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Bytes } from '../../src/base/bytes.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { ParticipantId } from '../../src/base/ids.ts';
import type { FetchBlobs } from '../../src/client/group/fetch-blobs.ts';
import type { DeliveryEffect } from '../../src/signaling/delivery/effects.ts';
import type { DeliveryInput } from '../../src/signaling/delivery/inputs.ts';
import { type DeliveryState, newDelivery } from '../../src/signaling/delivery/state.ts';
import { step } from '../../src/signaling/delivery/step.ts';
import {
  groupHeard,
  type WireCard,
  type WireGroupHeard,
  type WireGroupSaid,
} from '../../src/signaling/protocol/group-schemas.ts';

const READY_BATCH_MS = 60;
export const BLOB_TOKEN = 'b'.repeat(43);

type Said<Kind extends WireGroupSaid['kind']> = Extract<WireGroupSaid, { kind: Kind }>;

/** The relay's half of a meeting's group, over the real delivery step: in memory, and as hostile as a test likes. */
export class FakeGroup {
  readonly said: { readonly from: ParticipantId; readonly said: WireGroupSaid }[] = [];
  readonly stored = new Map<string, Bytes>();
  /** What a relay that lies makes of a message to somebody. */
  tamper: (to: ParticipantId, heard: WireGroupHeard) => readonly WireGroupHeard[] = (_, heard) => [heard];
  /** How long it takes until a blob that was asked for is there, by the clock. */
  blobMs = 0;
  readonly #clock: Clock;
  readonly #tell: (to: ParticipantId, heard: WireGroupHeard) => void;
  #state: DeliveryState;
  #cancelWake = (): void => {};
  readonly #cards = new Map<ParticipantId, WireCard>();
  #titled: Said<'title'> | undefined;
  #ready: { from: ParticipantId; said: Said<'ready'> }[] = [];

  constructor(clock: Clock, tell: (to: ParticipantId, heard: WireGroupHeard) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#state = newDelivery(clock.nowMs());
  }

  get state(): DeliveryState {
    return this.#state;
  }

  readonly blobs: FetchBlobs = {
    put: async ({ token }, bytes) => {
      assert.equal(token, BLOB_TOKEN);
      const hash = createHash('sha256').update(bytes).digest('base64url');
      this.stored.set(hash, bytes.slice());
      return hash;
    },
    get: async ({ token }, hash) => {
      assert.equal(token, BLOB_TOKEN);
      if (this.blobMs > 0) await new Promise<void>((come) => this.#clock.after(this.blobMs, come));
      return this.stored.get(hash)?.slice() ?? Promise.reject(new Error('no such blob'));
    },
  };

  hear(from: ParticipantId, said: WireGroupSaid): void {
    this.said.push({ from, said });
    if (said.kind === 'ready') this.#noteReady(from, said);
    else if (said.kind === 'heartbeat') this.#toOthers(from, { ...said, from });
    else if (said.kind === 'card') this.#card(from, said);
    else if (said.kind === 'title') this.#title(from, said);
    else if (said.kind === 'enter') this.#enter(from, said);
    else if (said.kind === 'commit') this.#commit(from, said);
    else if (said.kind !== 'decline') this.#feed({ ...said, from });
  }

  /** Everything that it knew of the meeting. */
  forget(): void {
    this.#cancelWake();
    this.#state = newDelivery(this.#clock.nowMs());
  }

  left(participant: ParticipantId): void {
    this.#cards.delete(participant);
    this.#feed({ kind: 'leave', participant });
  }

  /** To one member, as it is. */
  tell(to: ParticipantId, heard: WireGroupHeard): void {
    this.#tell(to, groupHeard.parse(heard));
  }

  #enter(from: ParticipantId, said: Said<'enter'>): void {
    const cards = [...this.#cards.values()];
    const kept: WireGroupHeard[] = [{ kind: 'cards', cards }, ...(this.#titled ? [this.#titled] : [])];
    for (const heard of kept) for (const one of this.tamper(from, heard)) this.tell(from, one);
    this.#feed({ ...said, participant: from });
  }

  #card(from: ParticipantId, { kind: _, ...card }: Said<'card'>): void {
    this.#cards.set(from, { participant: from, ...card });
    this.#toOthers(from, { kind: 'cards', cards: [{ participant: from, ...card }] });
  }

  #title(from: ParticipantId, title: Said<'title'>): void {
    this.#titled = title;
    this.#toOthers(from, title);
  }

  #commit(from: ParticipantId, said: Said<'commit'>): void {
    const welcomes = new Map(said.welcomes.map(({ participant, blob }) => [participant, blob]));
    this.#feed({ ...said, from, welcomes, tree: said.tree ?? said.commit }, said.commit.hash);
  }

  #feed(input: DeliveryInput, commit?: string): void {
    const { state, effects, wakeAtMs } = step(this.#state, input, this.#clock.nowMs());
    this.#state = state;
    this.#cancelWake();
    if (wakeAtMs !== undefined)
      this.#cancelWake = this.#clock.after(Math.max(1, wakeAtMs - this.#clock.nowMs()), () =>
        this.#feed({ kind: 'tick' }),
      );
    for (const effect of effects) this.#carry(effect, commit);
  }

  #carry(effect: DeliveryEffect, commit: string | undefined): void {
    if (effect.kind === 'expel') return;
    const { to } = effect;
    for (const one of typeof to === 'string' ? [to] : to)
      for (const heard of this.tamper(one, heardOf(effect, commit))) this.tell(one, heard);
  }

  #toOthers(from: ParticipantId, heard: WireGroupHeard): void {
    for (const to of this.#state.members.keys())
      if (to !== from) for (const one of this.tamper(to, heard)) this.tell(to, one);
  }

  #noteReady(from: ParticipantId, said: Said<'ready'>): void {
    if (this.#ready.length === 0) this.#clock.after(READY_BATCH_MS, () => this.#passReady());
    this.#ready.push({ from, said });
  }

  #passReady(): void {
    for (const { from, said } of this.#ready.splice(0)) {
      const { leaf: _, ...ready } = said;
      this.#toOthers(from, { ...ready, from: [from] });
    }
  }
}

const heardOf = (effect: Exclude<DeliveryEffect, { kind: 'expel' }>, commit?: string): WireGroupHeard => {
  const { to: _, ...heard } = effect;
  const answered = commit === undefined ? {} : { commit };
  if (heard.kind === 'ask-commit')
    return {
      ...heard,
      add: [...heard.add].map(([participant, blob]) => ({ participant, blob })),
      remove: [...heard.remove],
    };
  if (heard.kind === 'refused') {
    const { code, message } = heard.refusal;
    return { kind: 'refused', code, message, missed: [...heard.missed], ...answered };
  }
  if (heard.kind === 'caught-up') return { ...heard, missed: [...heard.missed] };
  return heard.kind === 'accepted' ? { ...heard, ...answered } : heard;
};
