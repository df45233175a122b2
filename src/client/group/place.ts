import { BelfryError } from '../../base/errors.ts';
import type { ParticipantId } from '../../base/ids.ts';
import type { Result } from '../../base/result.ts';
import type { Group, StagedEpoch } from '../../e2ee/mls/port.ts';
import type { Hash } from './blobs.ts';
import { epochDigest } from './digest.ts';
import type { EpochDriver } from './epoch-driver.ts';
import type { GroupEvent } from './events.ts';
import { byLeaf, type ParticipantOf } from './people.ts';
import type { Where } from './service.ts';

export interface PlaceOptions {
  readonly epochs: EpochDriver;
  readonly participantOf: ParticipantOf;
  /** Nk of the frames' suite. */
  readonly baseKeyBytes: number;
  readonly hash: Hash;
  readonly emit: (event: GroupEvent) => void;
}

const certain = <T>(result: Result<T>): T => {
  if (!result.ok) throw BelfryError.from(result.refusal);
  return result.value;
};

/** The group that this device is in: each step forward brings its keys to the frames and its names to people. */
export class Place {
  readonly #options: PlaceOptions;
  #group: Group | undefined;
  #generation = 0;
  #digest = '';
  #people: ReadonlySet<ParticipantId> = new Set();
  #isClosed = false;

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  get group(): Group | undefined {
    return this.#group;
  }

  get where(): Where | undefined {
    if (this.#group === undefined) return undefined;
    return { generation: this.#generation, epoch: Number(this.#group.epoch()) };
  }

  /** Of the epoch that this device is in. */
  get digest(): string {
    return this.#digest;
  }

  /** A group that was begun or joined takes the place of the one before, whose keys go at once. */
  async take(group: Group, generation: number): Promise<void> {
    if (this.#isClosed) return group.end();
    this.end();
    this.#group = group;
    this.#generation = generation;
    await this.#moved(group, false);
    this.#toHall(group, true);
  }

  /** Throws where the group has moved on since `staged` was: whoever calls works in one order. */
  async adopt(group: Group, staged: StagedEpoch): Promise<void> {
    certain(await group.adopt(staged));
    if (staged.selfRemoved) this.end();
    else {
      await this.#moved(group, staged.removed.length > 0);
      this.#toHall(group, false);
    }
  }

  /** No keys are left, to open or to seal with. */
  end(): void {
    this.#group?.end();
    this.#group = undefined;
    this.#options.epochs.restart();
  }

  /** For good: also what is under way comes to nothing. */
  close(): void {
    this.#isClosed = true;
    this.end();
  }

  async #moved(group: Group, isRemoval: boolean): Promise<void> {
    const { epochs, hash, baseKeyBytes, participantOf } = this.#options;
    // Both at once: others send under this epoch soon.
    const [coded, keyed] = await Promise.all([group.epochCode(), group.baseKey(baseKeyBytes)]);
    const [code, baseKey] = [certain(coded), certain(keyed)];
    this.#digest = await epochDigest(code, hash);
    if (this.#group !== group) {
      baseKey.fill(0);
      return;
    }
    const [epoch, ownLeaf] = [group.epoch(), group.ownLeaf()];
    const leaves = byLeaf(group.members(), participantOf);
    const others = new Map([...leaves].filter(([leaf]) => leaf !== ownLeaf));
    epochs.adopt({ epoch, baseKey, ownLeaf, others, isRemoval });
    this.#options.emit({ kind: 'epoch', epoch, code, digest: this.#digest, ...this.#changes(leaves) });
  }

  /** Nobody waits for names. A worker that failed is told of by what is asked of it next. */
  #toHall(group: Group, isEntry: boolean): void {
    const emit = (keys: Awaited<ReturnType<Group['hallKeys']>>): void => {
      if (keys.ok && this.#group === group) this.#options.emit({ kind: 'hall', keys: keys.value, isEntry });
    };
    group.hallKeys().then(emit, () => {});
  }

  #changes(leaves: ReadonlyMap<number, ParticipantId>) {
    const [before, now] = [this.#people, new Set(leaves.values())];
    this.#people = now;
    const members = [...now];
    const joined = members.filter((one) => !before.has(one));
    return { members, joined, left: [...before].filter((one) => !now.has(one)) };
  }
}
