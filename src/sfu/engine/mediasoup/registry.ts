import type { RoomId } from '../../../base/ids.ts';
import type { LiveRoom, Thing, ThingKind, ThingOf } from './live.ts';

interface Parent {
  readonly children: Set<string>;
}

interface Entry {
  readonly thing: Thing;
  readonly parents: readonly Parent[];
}

/** What lives, by the ids that the rooms gave. Keeps each worker's counts and traffic sources in step with it. */
export class Registry {
  readonly #rooms = new Map<RoomId, LiveRoom>();
  readonly #entries = new Map<string, Entry>();

  room(id: RoomId): LiveRoom | undefined {
    return this.#rooms.get(id);
  }

  addRoom(room: LiveRoom): void {
    this.#rooms.set(room.id, room);
    room.host.rooms.add(room);
  }

  /** Forgets the room and all that lives in it; to be called before its router is closed. */
  removeRoom(room: LiveRoom): void {
    this.#rooms.delete(room.id);
    room.host.rooms.delete(room);
    for (const id of [...room.children]) this.remove(id);
  }

  /** The thing with this id, of whatever kind. */
  get(id: string): Thing | undefined {
    return this.#entries.get(id)?.thing;
  }

  find<K extends ThingKind>(kind: K, id: string): ThingOf<K> | undefined {
    const thing = this.get(id);
    return thing?.kind === kind ? (thing as ThingOf<K>) : undefined;
  }

  /** @param parents what it ends with */
  add(id: string, thing: Thing, ...parents: readonly Parent[]): void {
    this.#entries.set(id, { thing, parents });
    for (const parent of parents) parent.children.add(id);
    thing.room.host.counts[thing.kind] += 1;
    thing.room.host.traffic.add(thing.read);
  }

  /** Forgets the thing and all that ends with it; to be called before it is closed, for its last reading. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    for (const parent of entry.parents) parent.children.delete(id);
    const { room, kind, read, children } = entry.thing;
    room.host.counts[kind] -= 1;
    room.host.traffic.remove(read);
    for (const child of [...children]) this.remove(child);
  }
}
