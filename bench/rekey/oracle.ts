import type { ParticipantId } from '../../src/base/ids.ts';

/** What members with a device find out about an epoch, and those without one say after them. */
export interface Known {
  readonly digest: string;
  readonly leaves: ReadonlyMap<ParticipantId, number>;
}

/** As many epochs as anybody may still ask for. */
const MAX_EPOCHS = 64;

export class Oracle {
  readonly #epochs = new Map<number, PromiseWithResolvers<Known>>();

  of(epoch: number): Promise<Known> {
    return this.#at(epoch).promise;
  }

  tell(epoch: number, known: Known): void {
    this.#at(epoch).resolve(known);
  }

  #at(epoch: number): PromiseWithResolvers<Known> {
    const found = this.#epochs.get(epoch);
    if (found !== undefined) return found;
    const made = Promise.withResolvers<Known>();
    this.#epochs.set(epoch, made);
    for (const old of [...this.#epochs.keys()].slice(0, -MAX_EPOCHS)) this.#epochs.delete(old);
    return made;
  }
}
