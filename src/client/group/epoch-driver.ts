import type { Bytes } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { ParticipantId } from '../../base/ids.ts';
import {
  type EpochEffect,
  type EpochInput,
  type EpochState,
  newEpochs,
  stepEpochs,
} from '../../e2ee/epochs/switch.ts';
import type { EpochKeys } from '../../e2ee/frame-keys.ts';

/** An epoch that was adopted, with what is needed to open and seal under it. */
export interface AdoptedEpoch {
  readonly epoch: bigint;
  /** Wiped as soon as it was handed on. */
  readonly baseKey: Bytes;
  readonly ownLeaf: number;
  /** Without this device's own. */
  readonly others: ReadonlyMap<number, ParticipantId>;
  readonly isRemoval: boolean;
}

export interface DriverOptions {
  readonly keys: EpochKeys;
  readonly clock: Clock;
  readonly sayReady: () => void;
  /** For what goes wrong by the clock, where no caller is there to catch it. */
  readonly onFault: (error: unknown) => void;
}

type Effects = { readonly [Kind in EpochEffect['kind']]: (epoch: bigint) => void };

/** Does what `stepEpochs` says: the one place that a base key passes on its way to the frames. */
export class EpochDriver {
  readonly #options: DriverOptions;
  readonly #ownLeaves = new Map<bigint, number>();
  readonly #effects: Effects;
  #state: EpochState<ParticipantId> = newEpochs();
  #adopting: AdoptedEpoch | undefined;
  #cancel = (): void => {};

  constructor(options: DriverOptions) {
    this.#options = options;
    const { keys } = options;
    this.#effects = {
      'open-under': () => this.#open(),
      'say-ready': options.sayReady,
      'seal-under': (epoch) => keys.sealUnder(epoch, this.#ownLeaf(epoch)),
      forget: (epoch) => this.#forget(epoch),
    };
  }

  adopt(adopted: AdoptedEpoch): void {
    const { epoch, others, isRemoval, baseKey } = adopted;
    this.#adopting = adopted;
    try {
      this.#step({ kind: 'adopted', epoch, others: new Set(others.values()), isRemoval });
    } finally {
      this.#adopting = undefined;
      baseKey.fill(0);
    }
  }

  ready(from: readonly ParticipantId[], epoch: bigint): void {
    this.#step({ kind: 'ready', from, epoch });
  }

  /** Another group begins, or none: its epochs are counted for themselves, and may have the same numbers. */
  restart(): void {
    this.#cancel();
    this.#state = newEpochs();
    for (const epoch of [...this.#ownLeaves.keys()]) this.#forget(epoch);
  }

  #step(input: EpochInput<ParticipantId>): void {
    const { clock } = this.#options;
    const { state, effects, wakeAtMs } = stepEpochs(this.#state, input, clock.nowMs());
    this.#state = state;
    for (const { kind, epoch } of effects) this.#effects[kind](epoch);
    this.#cancel();
    if (wakeAtMs !== undefined)
      this.#cancel = clock.after(Math.max(0, wakeAtMs - clock.nowMs()), () => this.#tick());
  }

  #tick(): void {
    try {
      this.#step({ kind: 'tick' });
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #open(): void {
    if (this.#adopting === undefined) return;
    const { epoch, baseKey, others, ownLeaf } = this.#adopting;
    this.#ownLeaves.set(epoch, ownLeaf);
    this.#options.keys.openUnder(epoch, baseKey, others);
  }

  #ownLeaf(epoch: bigint): number {
    const leaf = this.#ownLeaves.get(epoch);
    if (leaf === undefined) throw new Error(`epoch ${epoch} is not open`);
    return leaf;
  }

  #forget(epoch: bigint): void {
    this.#ownLeaves.delete(epoch);
    this.#options.keys.forget(epoch);
  }
}
