import type { Bytes } from '../../base/bytes.ts';
import type { ParticipantId } from '../../base/ids.ts';
import { Budget } from './budget.ts';
import { LOOSE_MS, MAX_ARRIVING_BYTES, MAX_MEETING_BYTES, MAX_OWN_BLOBS, MAX_OWN_BYTES } from './limits.ts';

interface Kept {
  readonly bytes: Bytes;
  readonly by: ParticipantId;
  readonly sinceMs: number;
}

/**
 * The blobs of one meeting, by their hash. One stays while the group's service names it; before and after that it is loose, for
 * `LOOSE_MS` from when it was brought, or until whoever brought it needs the room.
 */
export class Shelf {
  readonly #all: Budget;
  readonly #meeting = new Budget(MAX_MEETING_BYTES);
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #arriving = new Map<ParticipantId, Budget>();
  #named: ReadonlySet<string> = new Set();

  /** `all`: what all meetings share. */
  constructor(all: Budget) {
    this.#all = all;
  }

  get(hash: string): Bytes | undefined {
    return this.#kept.get(hash)?.bytes;
  }

  has({ hash, bytes }: { readonly hash: string; readonly bytes: number }): boolean {
    return this.#kept.get(hash)?.bytes.length === bytes;
  }

  /** `false` where more may not be on its way. What arrives is given back by `arrived`, whatever comes of it. */
  arrives(by: ParticipantId, bytes: number): boolean {
    const own = this.#arriving.get(by) ?? new Budget(MAX_ARRIVING_BYTES);
    this.#arriving.set(by, own);
    if (!own.take(bytes)) return false;
    if (this.#all.take(bytes)) return true;
    own.give(bytes);
    return false;
  }

  arrived(by: ParticipantId, bytes: number): void {
    const own = this.#arriving.get(by);
    own?.give(bytes);
    if (own?.usedBytes === 0) this.#arriving.delete(by);
    this.#all.give(bytes);
  }

  /** `false` where there is no room. Bringing it again is fine. */
  put(by: ParticipantId, hash: string, bytes: Bytes, nowMs: number): boolean {
    const before = this.#kept.get(hash);
    if (before !== undefined) return this.#again(hash, before, nowMs);
    if (!this.#makeRoomFor(by, bytes.length) || !this.#take(bytes.length)) return false;
    this.#kept.set(hash, { bytes, by, sinceMs: nowMs });
    return true;
  }

  /** What is named now; of the rest what is too old goes. */
  retain(named: ReadonlySet<string>, nowMs: number): void {
    this.#named = named;
    for (const [hash, { sinceMs }] of [...this.#kept])
      if (!named.has(hash) && nowMs >= sinceMs + LOOSE_MS) this.#drop(hash);
  }

  /** What somebody brought who is gone, and nobody named. */
  leave(by: ParticipantId): void {
    for (const hash of this.#looseOf(by)) this.#drop(hash);
  }

  clear(): void {
    for (const hash of [...this.#kept.keys()]) this.#drop(hash);
  }

  #again(hash: string, before: Kept, nowMs: number): boolean {
    this.#kept.delete(hash);
    this.#kept.set(hash, { ...before, sinceMs: nowMs });
    return true;
  }

  #take(bytes: number): boolean {
    if (!this.#meeting.take(bytes)) return false;
    if (this.#all.take(bytes)) return true;
    this.#meeting.give(bytes);
    return false;
  }

  #makeRoomFor(by: ParticipantId, bytes: number): boolean {
    const loose = this.#looseOf(by);
    while (this.#isOver(by, bytes)) {
      const oldest = loose.shift();
      if (oldest === undefined) return false;
      this.#drop(oldest);
    }
    return true;
  }

  #isOver(by: ParticipantId, bytes: number): boolean {
    const own = [...this.#kept.values()].filter((one) => one.by === by);
    const held = own.reduce((sum, one) => sum + one.bytes.length, 0);
    return own.length >= MAX_OWN_BLOBS || held + bytes > MAX_OWN_BYTES;
  }

  #looseOf(by: ParticipantId): string[] {
    return [...this.#kept]
      .filter(([hash, one]) => one.by === by && !this.#named.has(hash))
      .map(([hash]) => hash);
  }

  #drop(hash: string): void {
    const bytes = this.#kept.get(hash)?.bytes.length ?? 0;
    this.#kept.delete(hash);
    this.#meeting.give(bytes);
    this.#all.give(bytes);
  }
}
