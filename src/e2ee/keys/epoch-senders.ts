import type { Bytes } from '../../base/bytes.ts';
import { BelfryError } from '../../base/errors.ts';
import type { ParticipantId } from '../../base/ids.ts';
import { MAX_RECEIVING } from '../epochs/limits.ts';
import { epochBitsOf, nearestEpoch, senderNumberOf, splitSenderNumber } from '../mls/kid.ts';
import { type HmacDriver, type NumberedKey, numberedKey } from './base-key.ts';
import { ContextHistory } from './context-history.ts';
import { MAX_OWN_KEYS } from './own-keys.ts';
import type { KeyedSender } from './senders.ts';

interface OpenEpoch<Sender> {
  readonly epoch: bigint;
  /** Of no leaf yet. */
  readonly base: NumberedKey;
  readonly leaves: ReadonlyMap<number, ParticipantId>;
  /** By leaf: made when the first frame of it comes. */
  readonly senders: Map<number, Sender>;
}

/** Somebody's frames of one epoch, and who that is in this epoch. */
export interface FoundSender<Sender> {
  readonly sender: Sender;
  readonly participant: ParticipantId;
}

/**
 * The epochs whose frames are opened. No two of them have equal bits in a key id. An epoch has its windows from when it is
 * opened until it is forgotten, and its key never comes back: nothing is ever opened twice.
 */
export class EpochSenders<Sender extends KeyedSender> {
  readonly #hmac: HmacDriver;
  readonly #make: (key: NumberedKey, history: ContextHistory) => Sender;
  readonly #byBits = new Map<number, OpenEpoch<Sender>>();
  /** Fingerprints of all keys that ever were here. */
  readonly #used = new Set<string>();
  #span: { readonly first: bigint; readonly newest: bigint } | undefined;

  constructor(hmac: HmacDriver, make: (key: NumberedKey, history: ContextHistory) => Sender) {
    this.#hmac = hmac;
    this.#make = make;
  }

  /** The key's fingerprint. */
  open(epoch: bigint, baseKey: Bytes, leaves: ReadonlyMap<number, ParticipantId>): string {
    const bits = epochBitsOf(epoch);
    if (this.#byBits.has(bits) || this.#byBits.size >= MAX_RECEIVING)
      throw new BelfryError('bug.epoch', `epoch ${epoch} beside ${this.#byBits.size} others`);
    const base = numberedKey(this.#hmac, 0, baseKey);
    if (this.#used.has(base.fingerprint))
      throw new BelfryError('keys.used-before', 'the key of this epoch was here before');
    if (this.#used.size >= MAX_OWN_KEYS)
      throw new BelfryError('keys.too-many', 'this store has had as many epochs as it can remember');
    this.#used.add(base.fingerprint);
    // Where none is open, this device came, or came anew.
    const first = this.#byBits.size === 0 ? epoch : (this.#span?.first ?? epoch);
    this.#span = { first, newest: epoch };
    this.#byBits.set(bits, { epoch, base, leaves: new Map(leaves), senders: new Map() });
    return base.fingerprint;
  }

  /** This device's own key of an epoch that is open. */
  ownKey(epoch: bigint, leaf: number): NumberedKey {
    const open = this.#byBits.get(epochBitsOf(epoch));
    if (open?.epoch !== epoch) throw new BelfryError('bug.epoch', `epoch ${epoch} is not open`);
    return numberIn(open, leaf);
  }

  forget(epoch: bigint): void {
    const bits = epochBitsOf(epoch);
    const open = this.#byBits.get(bits);
    if (open?.epoch !== epoch) return;
    this.#byBits.delete(bits);
    open.base.baseKey.fill(0);
  }

  /** Where the epoch is that this number can be of: the nearest such to the newest that was opened. Before the first all are to come. */
  whereIs(number: number): 'open' | 'later' | 'earlier' | 'forgotten' {
    const { epochBits } = splitSenderNumber(number);
    if (this.#byBits.has(epochBits)) return 'open';
    if (this.#span === undefined) return 'later';
    const { first, newest } = this.#span;
    const epoch = nearestEpoch(epochBits, newest);
    if (epoch > newest) return 'later';
    return epoch < first ? 'earlier' : 'forgotten';
  }

  find(number: number): FoundSender<Sender> | undefined {
    const { leaf, epochBits } = splitSenderNumber(number);
    const open = this.#byBits.get(epochBits);
    const participant = open?.leaves.get(leaf);
    if (open === undefined || participant === undefined) return undefined;
    const sender = open.senders.get(leaf) ?? this.#make(numberIn(open, leaf), new ContextHistory());
    open.senders.set(leaf, sender);
    return { sender, participant };
  }
}

/** The bytes are the epoch's own, and wiped with it. */
const numberIn = ({ base, epoch }: OpenEpoch<unknown>, leaf: number): NumberedKey => ({
  ...base,
  number: senderNumberOf(leaf, epoch),
});
