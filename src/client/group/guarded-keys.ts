import type { Bytes } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { EpochKeys } from '../../e2ee/frame-keys.ts';
import { HELD_BACK_ASKS_MS, NEEDS_EPOCH_EVERY_MS } from './limits.ts';
import type { Standing } from './standing.ts';

/** Why nothing is sealed until there is another epoch. */
export type Stopped = 'cut-off' | 'held-back';

export interface GuardedKeysOptions {
  readonly keys: EpochKeys;
  readonly standing: Pick<Standing, 'present' | 'mayHear'>;
  readonly nowMs: () => number;
  /** Whether the relay knows which leaf this member seals from: its witness stops what comes from another. */
  readonly whenReadyTaken: () => Promise<boolean>;
  /** Whether this device has not heard for too long that its epoch is the newest: somebody may be out of it meanwhile. */
  readonly isCutOff: () => boolean;
  readonly onSealing: () => void;
  /** Nothing is sealed, because of these, until an epoch without them. */
  readonly onHeldBack: (because: readonly ParticipantId[]) => void;
  /** Nothing is sealed until this device hears again. */
  readonly onCutOff: () => void;
  /**
   * No epoch has come meanwhile that could be sealed under: since this device hears again, whose key never comes back, or for too
   * long since somebody should be out.
   */
  readonly onNeedsEpoch: (why: Stopped) => void;
  readonly onEnd?: () => void;
}

/** What the group says is to be sealed under. */
interface Wanted {
  readonly epoch: bigint;
  readonly ownLeaf: number;
}

/**
 * Frame keys that are never used for somebody who may not be here, whoever else still has them in the group: their frames
 * are not opened, and nothing is sealed under an epoch that they are in.
 */
export class GuardedKeys implements EpochKeys {
  readonly #options: GuardedKeysOptions;
  readonly #others = new Map<bigint, readonly ParticipantId[]>();
  #wanted: Wanted | undefined;
  /** Sealing under what is wanted, or about to. */
  #isGoing = false;
  #isApart = false;
  /** Why sealing stopped, until an epoch comes. */
  #stopped: Stopped | undefined;
  #needsEpochAtMs: number | undefined;
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
    this.#wanted = { epoch, ownLeaf };
    this.#isGoing = false;
    this.#stopped = undefined;
    this.#needsEpochAtMs = undefined;
    this.look();
  }

  #goOn(wanted: Wanted): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    if (wanted.ownLeaf === this.#knownLeaf) this.#seal(wanted);
    else void this.#sealOnceKnown(wanted);
  }

  /** Frames overtake words: from a new leaf none is sealed before the relay has the word. */
  async #sealOnceKnown(wanted: Wanted): Promise<void> {
    const isTaken = await this.#options.whenReadyTaken();
    if (!isTaken || this.#isOver || this.#wanted !== wanted || this.look()) return;
    this.#knownLeaf = wanted.ownLeaf;
    this.#seal(wanted);
  }

  #seal({ epoch, ownLeaf }: Wanted): void {
    this.#options.keys.sealUnder(epoch, ownLeaf);
    this.#options.onSealing();
  }

  stopSealing(): void {
    this.#wanted = undefined;
    this.#options.keys.stopSealing();
  }

  forget(epoch: bigint): void {
    if (this.#isOver) return;
    this.#others.delete(epoch);
    // Another group begins, or none: what the relay knew of leaves was of this one.
    if (this.#others.size === 0) this.#knownLeaf = undefined;
    if (this.#wanted?.epoch === epoch) this.#wanted = undefined;
    this.#options.keys.forget(epoch);
  }

  /** For good: the keys behind it may be another join's from now on. */
  end(): void {
    for (const epoch of [...this.#others.keys()]) this.forget(epoch);
    this.#isOver = true;
    this.#options.onEnd?.();
  }

  /** Whether nothing may be sealed now: somebody went, or time did. What may go on again does. */
  look(): boolean {
    const because = this.#unwelcome();
    if (because.length > 0) return this.#holdBack(because);
    if (this.#options.isCutOff()) return this.#stopApart();
    this.#isApart = false;
    if (this.#wanted === undefined) this.#askForEpoch();
    else this.#goOn(this.#wanted);
    return false;
  }

  #unwelcome(): readonly ParticipantId[] {
    const { standing, nowMs } = this.#options;
    const others = this.#wanted === undefined ? [] : (this.#others.get(this.#wanted.epoch) ?? []);
    return others.filter((participant) => !standing.mayHear(participant, nowMs()));
  }

  /** The commit without them is on its way, or somebody keeps it back: then another one is asked for. */
  #holdBack(because: readonly ParticipantId[]): true {
    this.#stopped = 'held-back';
    this.#needsEpochAtMs = this.#options.nowMs() + HELD_BACK_ASKS_MS;
    this.stopSealing();
    this.#options.onHeldBack(because);
    return true;
  }

  /** An epoch that comes now is kept for when this device hears that it is the newest. */
  #stopApart(): true {
    this.#needsEpochAtMs = undefined;
    if (this.#isApart) return true;
    this.#isApart = true;
    if (this.#isGoing && this.#wanted !== undefined) this.#stopped = 'cut-off';
    if (this.#isGoing) this.#wanted = undefined;
    this.#options.keys.stopSealing();
    this.#options.onCutOff();
    return true;
  }

  /** Also where all had to stop: one commit serves all who ask. Again, because what was said may be lost, and who was asked may lie. */
  #askForEpoch(): void {
    if (this.#stopped === undefined) return;
    const nowMs = this.#options.nowMs();
    this.#needsEpochAtMs ??= nowMs;
    if (nowMs < this.#needsEpochAtMs) return;
    this.#needsEpochAtMs = nowMs + NEEDS_EPOCH_EVERY_MS;
    this.#options.onNeedsEpoch(this.#stopped);
  }
}
