import type { Bytes } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { EpochKeys } from '../../e2ee/frame-keys.ts';
import type { Standing } from './standing.ts';

export interface GuardedKeysOptions {
  readonly keys: EpochKeys;
  readonly standing: Pick<Standing, 'present' | 'mayHear'>;
  readonly nowMs: () => number;
  /** Whether the relay knows which leaf this member seals from: its witness stops what comes from another. */
  readonly whenReadyTaken: () => Promise<boolean>;
  readonly onSealing: () => void;
  /** Nothing is sealed, because of these, until an epoch without them. */
  readonly onHeldBack: (because: readonly ParticipantId[]) => void;
  readonly onEnd?: () => void;
}

/**
 * Frame keys that are never used for somebody who may not be here, whoever else still has them in the group: their frames
 * are not opened, and nothing is sealed under an epoch that they are in.
 */
export class GuardedKeys implements EpochKeys {
  readonly #options: GuardedKeysOptions;
  readonly #others = new Map<bigint, readonly ParticipantId[]>();
  #sealing: bigint | undefined;
  #knownLeaf: number | undefined;
  #isOver = false;

  constructor(options: GuardedKeysOptions) {
    this.#options = options;
  }

  openUnder(epoch: bigint, baseKey: Bytes, leaves: ReadonlyMap<number, ParticipantId>): void {
    const { keys, standing } = this.#options;
    if (this.#isOver) return;
    const present = [...leaves].filter(([, participant]) => standing.present(participant) !== undefined);
    keys.openUnder(epoch, baseKey, new Map(present));
    this.#others.set(epoch, [...leaves.values()]);
  }

  sealUnder(epoch: bigint, ownLeaf: number): void {
    if (this.#isOver) return;
    this.#sealing = epoch;
    if (this.look()) return;
    if (ownLeaf === this.#knownLeaf) this.#seal(epoch, ownLeaf);
    else void this.#sealOnceKnown(epoch, ownLeaf);
  }

  /** Frames overtake words: from a new leaf none is sealed before the relay has the word. */
  async #sealOnceKnown(epoch: bigint, ownLeaf: number): Promise<void> {
    const isTaken = await this.#options.whenReadyTaken();
    if (!isTaken || this.#isOver || this.#sealing !== epoch || this.look()) return;
    this.#knownLeaf = ownLeaf;
    this.#seal(epoch, ownLeaf);
  }

  #seal(epoch: bigint, ownLeaf: number): void {
    this.#options.keys.sealUnder(epoch, ownLeaf);
    this.#options.onSealing();
  }

  stopSealing(): void {
    this.#sealing = undefined;
    this.#options.keys.stopSealing();
  }

  forget(epoch: bigint): void {
    if (this.#isOver) return;
    this.#others.delete(epoch);
    // Another group begins, or none: what the relay knew of leaves was of this one.
    if (this.#others.size === 0) this.#knownLeaf = undefined;
    if (this.#sealing === epoch) this.#sealing = undefined;
    this.#options.keys.forget(epoch);
  }

  /** For good: the keys behind it may be another join's from now on. */
  end(): void {
    for (const epoch of [...this.#others.keys()]) this.forget(epoch);
    this.#isOver = true;
    this.#options.onEnd?.();
  }

  /** Whether sealing had to stop: somebody went, or time did. */
  look(): boolean {
    const { standing, nowMs, onHeldBack } = this.#options;
    const others = this.#sealing === undefined ? [] : (this.#others.get(this.#sealing) ?? []);
    const because = others.filter((participant) => !standing.mayHear(participant, nowMs()));
    if (because.length === 0) return false;
    this.stopSealing();
    onHeldBack(because);
    return true;
  }
}
