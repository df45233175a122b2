import type { ParticipantId } from '../../base/ids.ts';
import type { Blob, DeliveryState } from '../delivery/state.ts';
import { WELCOME_MS } from './limits.ts';

/** Key packages that are or may be asked for again, and commits that somebody may have missed. */
const namedBy = ({ waiting, task, accepted, history }: DeliveryState): string[] => {
  const blobs: Iterable<Blob>[] = [
    [...waiting.values()].map(({ keyPackage }) => keyPackage),
    task?.add.values() ?? [],
    accepted?.added.values() ?? [],
    history.map(({ commit }) => commit),
  ];
  return blobs.flatMap((some) => [...some].map(({ hash }) => hash));
};

interface Welcome {
  readonly hashes: readonly string[];
  readonly untilMs: number;
}

/** Which blobs a group's service still has a use for. */
export class Naming {
  /** By the one who joins: until that one is ready, enters again or leaves, or is given up. */
  readonly #welcomes = new Map<ParticipantId, Welcome>();

  welcomed(participant: ParticipantId, hashes: readonly string[], nowMs: number): void {
    this.#welcomes.set(participant, { hashes, untilMs: nowMs + WELCOME_MS });
  }

  done(participant: ParticipantId): void {
    this.#welcomes.delete(participant);
  }

  named(state: DeliveryState, nowMs: number): ReadonlySet<string> {
    for (const [participant, { untilMs }] of [...this.#welcomes])
      if (nowMs >= untilMs) this.#welcomes.delete(participant);
    return new Set([...namedBy(state), ...[...this.#welcomes.values()].flatMap(({ hashes }) => hashes)]);
  }
}
