import { toBase64Url } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { asId, type MeetingId } from '../../base/ids.ts';
import { ok, type Result } from '../../base/result.ts';
import type { OrderKind } from '../../trust/acts/act.ts';
import { type Entry, entryInput } from '../../trust/acts/entry.ts';
import type { Effect, Fact, Input } from '../../trust/acts/input.ts';
import { moveOn, type Place, writeEntry } from '../../trust/acts/place.ts';
import type { MeetingState } from '../../trust/acts/state.ts';
import { step } from '../../trust/acts/step.ts';
import type { PersonId } from '../../trust/devices/ids.ts';
import type { StatementDigest } from '../../trust/statement/statement.ts';
import type { Sha256 } from '../audit/chain.ts';
import type { Store } from '../ports.ts';

/** An entry in the making: as it is written, and as it is judged. */
export interface Next {
  readonly what: Entry['what'];
  readonly input: Input;
}

export const factOf = (fact: Fact): Next => ({
  what: { kind: 'fact', fact },
  input: { kind: 'fact', fact },
});

/** What became of a meeting by one entry, and by those that follow from it. */
export interface Taken {
  readonly before: MeetingState;
  readonly after: MeetingState;
  readonly texts: readonly string[];
  /** The number of the entry that was asked for. */
  readonly n: number;
  readonly effects: readonly Effect[];
}

export interface Around {
  /** Facts that an entry brings about, to be written together with it. */
  readonly consequences: (state: MeetingState, effects: readonly Effect[]) => readonly Fact[];
  /** Into the record, before anything of it can be seen; may refuse. */
  readonly record: (effects: readonly Effect[], state: MeetingState) => Result<undefined>;
}

const PLAIN: Around = { consequences: () => [], record: () => ok(undefined) };

interface ChainParts {
  readonly store: Pick<Store, 'appendEntries'>;
  readonly clock: Pick<Clock, 'unixMs'>;
  readonly sha256: Sha256;
}

/** The entries of one meeting: each is judged, recorded and on the disk before it is anywhere else. */
export class Chain {
  readonly meeting: MeetingId;
  readonly #parts: ChainParts;
  #place: Place;
  /** Facts that came true while nothing could be written: they come first as soon as something can. One for each person. */
  #owed: readonly Fact[] = [];
  /** Removed for good by orders that could not be written, until this process ends. As many as were in. */
  readonly #keptOut = new Set<PersonId>();

  constructor(meeting: MeetingId, place: Place, parts: ChainParts) {
    this.meeting = meeting;
    this.#place = place;
    this.#parts = parts;
  }

  get state(): MeetingState {
    return this.#place.state;
  }

  get owed(): readonly Fact[] {
    return this.#owed;
  }

  get head(): Place['head'] {
    return this.#place.head;
  }

  /** What is owed and `next`, with all that follows from it, or nothing where rules, record or store say no. */
  take(next?: Next, { consequences, record }: Around = PLAIN): Result<Taken> {
    const before = this.state;
    const queue = [...this.#owed.map(factOf), ...(next === undefined ? [] : [next])];
    const [texts, effects] = [[] as string[], [] as Effect[]];
    let [place, n] = [this.#place, 0];
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const played = this.#play(place, one);
      if (!played.ok) {
        if (one === next) return played;
        continue;
      }
      if (one === next) n = played.value.place.head.n;
      ({ place } = played.value);
      texts.push(played.value.text);
      effects.push(...played.value.effects);
      queue.push(...consequences(place.state, played.value.effects).map(factOf));
    }
    const recorded = record(effects, before);
    if (!recorded.ok) return recorded;
    const written = this.#write(texts, isRemoval(next, effects));
    if (!written.ok) return written;
    this.#place = place;
    this.#owed = [];
    return ok({ before, after: place.state, texts, n, effects });
  }

  /** What is true whether it can be written or not. */
  owe(fact: Fact): void {
    this.#owed = [...this.#owed.filter(({ person }) => person !== fact.person), fact];
  }

  keepOut(person: PersonId): void {
    this.#keptOut.add(person);
  }

  isOut(person: PersonId): boolean {
    return this.state.banned.has(person) || this.#keptOut.has(person);
  }

  #play(place: Place, { what, input }: Next) {
    const atUnixMs = Math.max(this.#parts.clock.unixMs(), place.lastUnixMs);
    const stepped = step(place.state, input, atUnixMs);
    if (!stepped.ok) return stepped;
    const text = writeEntry(place, atUnixMs, what);
    const digest = asId<StatementDigest>(toBase64Url(this.#parts.sha256(entryInput(text))));
    return ok({ ...moveOn(place, stepped.value, digest, atUnixMs), text });
  }

  #write(texts: readonly string[], isRemovalAlone: boolean): Result<undefined> {
    const { meeting } = this;
    return this.#parts.store.appendEntries({
      meeting,
      n: this.head.n + 1,
      texts,
      isRemoval: isRemovalAlone,
    });
  }
}

export const REMOVALS: ReadonlySet<OrderKind> = new Set(['remove', 'turn-away', 'end']);
const TAKEN_OUT = new Set<Effect['kind']>(['out', 'turn-away', 'end']);

/** Somebody is in or waits no longer by it, or nobody: what goes also where there is no room for more. */
const isRemoval = (next: Next | undefined, effects: readonly Effect[]): boolean => {
  if (next === undefined) return true;
  const { input } = next;
  return (
    input.kind === 'act' &&
    REMOVALS.has(input.act.opened.value.order.kind) &&
    effects.some(({ kind }) => TAKEN_OUT.has(kind))
  );
};
