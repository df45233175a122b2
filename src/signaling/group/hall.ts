import type { ParticipantId } from '../../base/ids.ts';
import { MAX_CARDS, type WireGroupHeard } from '../protocol/group-schemas.ts';

type Cards = Extract<WireGroupHeard, { kind: 'cards' }>;
type Card = Cards['cards'][number];
type Title = Extract<WireGroupHeard, { kind: 'title' }>;

/** The names of those who are there, and the meeting's title, as their clients sealed them: the newest of each, and read by nobody here. */
export class Hall {
  readonly #cards = new Map<ParticipantId, Card>();
  #title: Title | undefined;

  /** Of somebody who is there: there are as many as people. */
  keepCard(card: Card): void {
    this.#cards.set(card.participant, card);
  }

  keepTitle(title: Title): void {
    this.#title = title;
  }

  leave(participant: ParticipantId): void {
    this.#cards.delete(participant);
  }

  clear(): void {
    this.#cards.clear();
    this.#title = undefined;
  }

  /** For somebody who is new. */
  all(): readonly WireGroupHeard[] {
    const cards = [...this.#cards.values()];
    const parts = Array.from({ length: Math.ceil(cards.length / MAX_CARDS) }, (_, i) => ({
      kind: 'cards' as const,
      cards: cards.slice(i * MAX_CARDS, (i + 1) * MAX_CARDS),
    }));
    return this.#title === undefined ? parts : [...parts, this.#title];
  }
}
