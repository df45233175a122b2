import type { ParticipantId } from '../../base/ids.ts';
import { MAX_EXPECTED, PAST_SENDER_MS } from './limits.ts';

/** An epoch of a group, of which a meeting may have had several. */
export interface Epoch {
  readonly generation: number;
  readonly epoch: number;
}

interface Past {
  readonly number: number;
  readonly untilMs: number;
}

interface Sender extends Epoch {
  readonly leaf: number;
  /** Has been a member ever since, so that its leaf in the epochs that came is this one. */
  readonly isStill: boolean;
  readonly past: readonly Past[];
}

type Members = { readonly has: (participant: ParticipantId) => boolean };

export type Claimed =
  | { readonly kind: 'taken' | 'known' | 'old' }
  /** Somebody else has this leaf in this epoch, or the participant itself has another one. */
  | { readonly kind: 'refused'; readonly holder: ParticipantId };

/** What a participant said of an epoch that counts no longer. */
const NO_GENERATION = -1;
const EPOCHS_IN_NUMBER = 16;

/** RFC 9605 section 5.2 in the 20 bits of a sender number: 12 for the leaf, 4 for the epoch. */
export const senderNumber = (leaf: number, epoch: number): number =>
  leaf * EPOCHS_IN_NUMBER + (epoch % EPOCHS_IN_NUMBER);

/**
 * Which numbers the frames of each participant may carry: its leaf, as it said itself, in the epoch that it is ready for, and in
 * those that the group has reached since. These too, because media overtakes what is said: after a removal a member seals under
 * the next epoch as soon as it has it, and its first frame may be here before its word. A leaf is kept by a member that stays.
 */
export class Senders {
  readonly #all = new Map<ParticipantId, Sender>();
  /** By epoch of this generation, and then by leaf. */
  readonly #claims = new Map<number, Map<number, ParticipantId>>();
  #now: Epoch = { generation: 0, epoch: 0 };

  /** Where the group is now. `joined`: into new leaves. Answers whether anybody's numbers may be others now. */
  moveTo(now: Epoch, members: Members, joined: ReadonlySet<ParticipantId>): boolean {
    const before = this.#now;
    this.#now = now;
    const isAnother = before.generation !== now.generation;
    for (const [participant, sender] of [...this.#all]) {
      const isStill = sender.isStill && members.has(participant) && !joined.has(participant);
      // What was said of an epoch that counts no longer was said of no epoch that will come.
      const generation = sender.epoch > now.epoch ? NO_GENERATION : sender.generation;
      this.#all.set(participant, { ...sender, isStill, generation });
    }
    for (const epoch of [...this.#claims.keys()])
      if (isAnother || epoch > now.epoch || epoch <= now.epoch - MAX_EXPECTED) this.#claims.delete(epoch);
    return isAnother || before.epoch !== now.epoch;
  }

  ready(participant: ParticipantId, leaf: number, { generation, epoch }: Epoch, nowMs: number): Claimed {
    const { generation: own, epoch: newest } = this.#now;
    const isOfNow = generation === own && epoch <= newest && epoch > newest - MAX_EXPECTED;
    const sender = this.#all.get(participant);
    const isSame = sender?.generation === generation;
    if (!isOfNow || (isSame && epoch < sender.epoch)) return { kind: 'old' };
    if (isSame && epoch === sender.epoch)
      return leaf === sender.leaf ? { kind: 'known' } : { kind: 'refused', holder: participant };
    const holder = this.#claim(participant, leaf, epoch);
    if (holder !== participant) return { kind: 'refused', holder };
    const past = sender === undefined ? [] : this.#pastOf(sender, epoch, nowMs);
    this.#all.set(participant, { generation, epoch, leaf, isStill: true, past });
    return { kind: 'taken' };
  }

  leave(participant: ParticipantId): void {
    this.#all.delete(participant);
    for (const leaves of this.#claims.values())
      for (const [leaf, holder] of leaves) if (holder === participant) leaves.delete(leaf);
  }

  /** Of everybody here who was ever ready: who leaves is forgotten. */
  get participants(): readonly ParticipantId[] {
    return [...this.#all.keys()];
  }

  /** The newest first. */
  numbersOf(participant: ParticipantId, nowMs: number): readonly number[] {
    const sender = this.#all.get(participant);
    if (sender === undefined) return [];
    const past = sender.past.filter(({ untilMs }) => nowMs < untilMs).map(({ number }) => number);
    return [...new Set([...this.#present(sender).reverse(), ...past])].slice(0, MAX_EXPECTED);
  }

  /** Those some of whose numbers have had their time since it was asked last. */
  expire(nowMs: number): readonly ParticipantId[] {
    return [...this.#all].flatMap(([participant, sender]) => {
      const past = sender.past.filter(({ untilMs }) => nowMs < untilMs);
      if (past.length === sender.past.length) return [];
      this.#all.set(participant, { ...sender, past });
      return [participant];
    });
  }

  /** When `expire` has something to do. */
  get nextExpiryMs(): number | undefined {
    const ends = [...this.#all.values()].flatMap(({ past }) => past.map(({ untilMs }) => untilMs));
    return ends.length === 0 ? undefined : ends.reduce((a, b) => Math.min(a, b));
  }

  /** Whose it is. */
  #claim(participant: ParticipantId, leaf: number, epoch: number): ParticipantId {
    const leaves = this.#claims.get(epoch) ?? new Map<number, ParticipantId>();
    this.#claims.set(epoch, leaves);
    const holder = leaves.get(leaf) ?? this.#sitsIn(leaf, epoch) ?? participant;
    leaves.set(leaf, holder);
    return holder;
  }

  /** Who said so in an epoch before, and has been a member since: a newcomer cannot be there. */
  #sitsIn(leaf: number, epoch: number): ParticipantId | undefined {
    const isThere = ([, one]: readonly [ParticipantId, Sender]) =>
      one.isStill && one.leaf === leaf && one.generation === this.#now.generation && one.epoch < epoch;
    return [...this.#all].find(isThere)?.[0];
  }

  #present(sender: Sender): number[] {
    const { generation, epoch, leaf, isStill } = sender;
    const last = isStill && generation === this.#now.generation ? Math.max(epoch, this.#now.epoch) : epoch;
    const first = Math.max(epoch, last - MAX_EXPECTED + 1);
    return Array.from({ length: last - first + 1 }, (_, i) => senderNumber(leaf, first + i));
  }

  /** What it may still seal under: the epochs before `epoch`. */
  #pastOf(sender: Sender, epoch: number, nowMs: number): readonly Past[] {
    const next = senderNumber(sender.leaf, epoch);
    const over = this.#present(sender).filter((number) => number !== next);
    const added = over.map((number) => ({ number, untilMs: nowMs + PAST_SENDER_MS }));
    return [...added.reverse(), ...sender.past].slice(0, MAX_EXPECTED);
  }
}
