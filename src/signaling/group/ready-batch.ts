import type { ParticipantId } from '../../base/ids.ts';
import { MAX_NAMED, type WireGroupHeard, type WireGroupSaid } from '../protocol/group-schemas.ts';

type ReadySaid = Extract<WireGroupSaid, { kind: 'ready' }>;
type ReadyHeard = Extract<WireGroupHeard, { kind: 'ready' }>;

/** Who became ready since the last time. One word of each counts, the newest: the batch is bounded by the people. */
export class ReadyBatch {
  readonly #said = new Map<ParticipantId, ReadySaid>();

  get isEmpty(): boolean {
    return this.#said.size === 0;
  }

  add(participant: ParticipantId, said: ReadySaid): void {
    this.#said.set(participant, said);
  }

  forget(participant: ParticipantId): void {
    this.#said.delete(participant);
  }

  /** Two digests of one epoch are two events: members in a fork must see that they are. */
  take(): readonly ReadyHeard[] {
    const events = new Map<string, ReadyHeard>();
    for (const [participant, { generation, epoch, digest }] of this.#said) {
      const key = `${generation}/${epoch}/${digest}`;
      const event = events.get(key) ?? { kind: 'ready', generation, epoch, digest, from: [] };
      event.from.push(participant);
      events.set(key, event);
    }
    this.#said.clear();
    return [...events.values()].flatMap(inParts);
  }
}

const inParts = (event: ReadyHeard): ReadyHeard[] => {
  const parts = Math.ceil(event.from.length / MAX_NAMED);
  return Array.from({ length: parts }, (_, i) => ({
    ...event,
    from: event.from.slice(i * MAX_NAMED, (i + 1) * MAX_NAMED),
  }));
};
