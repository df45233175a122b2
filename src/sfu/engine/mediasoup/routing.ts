import type { RoomId } from '../../../base/ids.ts';
import type { EngineVerb } from '../port.ts';
import type { Registry } from './registry.ts';

interface Claim {
  readonly room: RoomId;
  verbs: number;
}

/**
 * Finds the room whose turn a verb takes. Most verbs name a thing, not a room, and that thing may still be in the
 * making when they are given: what verbs under way will make is kept here until they are answered.
 */
export class Routing {
  readonly #claims = new Map<string, Claim>();
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  roomOf(verb: EngineVerb): RoomId | undefined {
    if ('room' in verb) return verb.room;
    const id = subjectOf(verb);
    return this.#registry.get(id)?.room.id ?? this.#claims.get(id)?.room;
  }

  /** Notes what the verb is going to make; the returned function is to be called when it is answered. */
  claim(verb: EngineVerb, room: RoomId): () => void {
    const id = madeBy(verb);
    if (id === undefined) return () => undefined;
    const claim = this.#claims.get(id) ?? { room, verbs: 0 };
    this.#claims.set(id, claim);
    claim.verbs += 1;
    return () => {
      claim.verbs -= 1;
      if (claim.verbs === 0) this.#claims.delete(id);
    };
  }
}

type VerbOfThing = Exclude<EngineVerb, { readonly room: RoomId }>;

/** The thing that a verb is done to; for those that make something, its transport. */
function subjectOf(verb: VerbOfThing): string {
  if ('transport' in verb) return verb.transport;
  return 'consumer' in verb ? verb.consumer : verb.producer;
}

function madeBy(verb: EngineVerb): string | undefined {
  if (verb.kind === 'create-transport') return verb.transport;
  if (verb.kind === 'produce') return verb.producer;
  return verb.kind === 'consume' ? verb.consumer : undefined;
}
